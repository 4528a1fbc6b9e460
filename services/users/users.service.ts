import { createHash, randomBytes } from "node:crypto";
import { LIMITS } from "../../contracts/limits.ts";
import * as users from "../../contracts/users.ts";
import { config } from "../../lib/config.ts";
import { decodeCursor, encodeCursor } from "../../lib/cursor.ts";
import { notFound } from "../../lib/errors.ts";
import { announce, type Ctx, type Reply, type Schema } from "../../lib/moleculer.ts";
import { type LogVars, withLog } from "../../mixins/log.ts";
import { toSelf, toUser } from "../../models/user.ts";
import { avatarOf, displayNameOf, usernameCandidates } from "./users.rules.ts";
import { UserStore } from "./users.store.ts";

interface Vars extends LogVars {
	users: UserStore;
}

/** Who is there. An e-mail is shown to nobody but its user. */
export default {
	name: "users",
	mixins: [withLog()],

	actions: {
		me: {
			...users.me,
			async handler(ctx: Ctx<typeof users.me>): Reply<typeof users.me> {
				const row = await this.users.byId(ctx.meta.user.id);
				if (!row) throw notFound("user");
				return toSelf(row);
			},
		},

		update: {
			...users.update,
			async handler(ctx: Ctx<typeof users.update>): Reply<typeof users.update> {
				const { displayName, avatarUrl, metadata } = ctx.params;
				const updated = await this.users.update(ctx.meta.user.id, { displayName, avatarUrl, metadata });
				if (!updated) throw notFound("user");
				if (updated.changed) await announce(ctx, "user.changed", { user: toUser(updated.row) });
				return toSelf(updated.row);
			},
		},

		get: {
			...users.get,
			async handler(ctx: Ctx<typeof users.get>): Reply<typeof users.get> {
				const row = await this.users.byId(ctx.params.id);
				if (!row) throw notFound("user");
				return toUser(row);
			},
		},

		list: {
			...users.list,
			async handler(ctx: Ctx<typeof users.list>): Reply<typeof users.list> {
				const { search, cursor, limit } = ctx.params;
				const size = limit ?? LIMITS.pageDefault;
				const [after] = cursor ? (decodeCursor(cursor, ["string"]) as [string]) : [""];
				const rows = await this.users.list(search, after, size + 1);
				const items = rows.slice(0, size).map(toUser);
				const last = items.at(-1);
				return { items, nextCursor: rows.length > size && last ? encodeCursor([last.username]) : null };
			},
		},

		ofIssuer: {
			...users.ofIssuer,
			async handler(ctx: Ctx<typeof users.ofIssuer>): Reply<typeof users.ofIssuer> {
				const { issuer, subject, name, picture } = ctx.params;
				const known = await this.users.idOfIssuer(issuer, subject);
				if (known) return { id: known };
				// A name is no right: nobody becomes an administrator by what a host application calls them.
				const usernames = usernameCandidates(name, subject, suffixes(issuer, subject)).filter(
					username => !config.adminUsers.includes(username),
				);
				const id = await this.users.makeOfIssuer(issuer, subject, usernames, username => ({
					displayName: displayNameOf(name, username),
					avatarUrl: avatarOf(picture),
				}));
				return { id };
			},
		},
	},

	async started() {
		this.users = new UserStore(this.log);
	},

	async stopped() {
		await this.users?.close();
	},
} satisfies Schema<Record<string, never>, Record<string, never>, Vars>;

/** The same in each try for a user, and where somebody took those on purpose, one that nobody foresees. */
function suffixes(issuer: string, subject: string): string[] {
	const digest = createHash("sha256").update(`${issuer}\n${subject}`).digest("hex");
	return [digest.slice(0, 4), digest.slice(0, 8), randomBytes(8).toString("hex")];
}
