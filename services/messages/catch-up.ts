/**
 * How clients, and gateways, come from a revision that they have to the present state. Whoever asks at the same time is
 * answered together: of one snapshot, with one statement of each kind. The messages that changed lately are kept, so
 * that of a chat which many ask for only what is newer is read; the snapshot's head says what that is.
 */
import type { Page } from "../../contracts/contract.ts";
import { LIMITS } from "../../contracts/limits.ts";
import type { Changes, Message } from "../../contracts/messages.ts";
import { Batcher, type Outcome } from "../../lib/batcher.ts";
import { config } from "../../lib/config.ts";
import type { Database } from "../../lib/database.ts";
import { toMember } from "../../models/member.ts";
import { type Answer, type Asked, look, type Seen } from "./look.ts";
import { noMessages } from "./recent.ts";

/**
 * One snapshot, and plans that do not depend on how many ask. The embedded PostgreSQL never looks at its tables, so that a
 * plan from when they were small would read all of them for ever: there each is made anew.
 */
const READING = { snapshot: true, keepsPlans: config.databaseUrl !== null };
/** So many are answered together: a few hundred messages each, beyond which a batch is no cheaper. */
const BATCH_MAX = 50;
const WAITING_MAX = 10_000;

export class CatchUps {
	readonly #db: Database;
	readonly #recent = noMessages();
	readonly #asked: Batcher<Asked, Answer>;

	constructor(db: Database) {
		this.#db = db;
		this.#asked = new Batcher({
			run: asked => this.#answer(asked),
			batchMax: BATCH_MAX,
			queueMax: WAITING_MAX,
			failsTogether: true,
		});
	}

	/**
	 * What changed after `since`; without it, or where it is too far behind, the newest page.
	 * @throws NOT_FOUND where the user may not see the chat, FORBIDDEN where they are not in the channel
	 */
	async of(userId: string, chatId: string, since: number | null, limit: number): Promise<Changes> {
		const { epoch: _, members, ...answer } = await this.#asked.add({ userId, chatId, since, limit });
		return { ...answer, members: members.map(toMember) };
	}

	/** The newest page of a chat's history, of 50 at most. @throws as above */
	async newest(userId: string, chatId: string, limit: number): Promise<Page<Message>> {
		const { messages } = await this.#asked.add({ userId, chatId, since: null, limit });
		const first = messages[0]?.seq ?? 1;
		return { items: messages, nextCursor: first > 1 ? String(first) : null };
	}

	/** The same for a gateway, all at once. @throws NOT_FOUND where there is no such chat */
	async gap(chatId: string, since: number) {
		const asked = { userId: null, chatId, since, limit: LIMITS.changesBehindMax };
		const { self: _, members, ...answer } = await this.#asked.add(asked);
		return { ...answer, members: members.map(row => ({ ...toMember(row), rev: row.rev })) };
	}

	/** Takes nothing more, and waits for what was taken. */
	close(): Promise<void> {
		return this.#asked.close();
	}

	async #answer(asked: readonly Asked[]): Promise<Outcome<Answer>[]> {
		const seen = await this.#look(asked);
		const open = seen.flatMap((it, i) => ("ask" in it ? [{ i, next: it.ask }] : []));
		if (open.length === 0) return seen as Outcome<Answer>[];
		const answers = await this.#answer(open.map(({ next }) => next));
		const outcomes = seen as Outcome<Answer>[];
		for (const [place, { i, next }] of open.entries()) {
			const outcome = answers[place] as Outcome<Answer>;
			const isReset = "value" in outcome && next.since !== asked[i]?.since;
			outcomes[i] = isReset ? { value: { ...outcome.value, reset: true } } : outcome;
		}
		return outcomes;
	}

	async #look(asked: readonly Asked[]): Promise<Seen[]> {
		try {
			return await this.#db.read(query => look(query, this.#db.t, this.#recent, asked), READING);
		} catch (err) {
			// PostgreSQL may come back as it was some time ago.
			this.#recent.clear();
			throw err;
		}
	}
}
