import { Op } from "sequelize";
import * as deadLetters from "../../contracts/dead-letters.ts";
import { LIMITS } from "../../contracts/limits.ts";
import { decodeCursor, encodeCursor } from "../../lib/cursor.ts";
import { notFound } from "../../lib/errors.ts";
import type { Ctx, Reply, Schema } from "../../lib/moleculer.ts";
import { withPrivateCrud } from "../../mixins/private-crud.ts";
import { type DeadLetterRow, deadLetterModel, toDeadLetter } from "../../models/dead-letter.ts";

type Settings = Record<never, never>;
type Methods = Record<never, never>;

/** What moleculer-db gives. */
interface Vars {
	_find(ctx: unknown, params: object): Promise<DeadLetterRow[]>;
	_remove(ctx: unknown, params: { id: string }): Promise<unknown>;
	_count(ctx: unknown, params: object): Promise<number>;
}

/** What was given up on, for its administrators to look at: nothing is lost without a trace. */
export default {
	name: "dead-letters",
	mixins: [withPrivateCrud(deadLetterModel)],
	actions: {
		list: {
			...deadLetters.list,
			async handler(ctx: Ctx<typeof deadLetters.list>): Reply<typeof deadLetters.list> {
				const limit = ctx.params.limit ?? LIMITS.pageDefault;
				const query = ctx.params.cursor ? before(ctx.params.cursor) : {};
				const rows = await this._find(ctx, { query, sort: ["-at", "-id"], limit: limit + 1 });
				const page = rows.slice(0, limit);
				const last = rows.length > limit ? page.at(-1) : undefined;
				return {
					items: page.map(toDeadLetter),
					nextCursor: last ? encodeCursor([last.at.toISOString(), last.id]) : null,
				};
			},
		},

		remove: {
			...deadLetters.remove,
			async handler(ctx: Ctx<typeof deadLetters.remove>): Reply<typeof deadLetters.remove> {
				const { id } = ctx.params;
				if ((await this._count(ctx, { query: { id } })) === 0) throw notFound("dead letter");
				await this._remove(ctx, { id });
				return null;
			},
		},
	},
} satisfies Schema<Settings, Methods, Vars>;

/** Rows after a page's last, the latest first; the column keeps milliseconds, as the cursor does. */
function before(cursor: string) {
	const [time, id] = decodeCursor(cursor, ["isoTime", "uuid"]);
	const at = new Date(time as string);
	return { [Op.or]: [{ at: { [Op.lt]: at } }, { at, id: { [Op.lt]: id } }] };
}
