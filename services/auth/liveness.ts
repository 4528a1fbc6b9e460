import { BoundedMap } from "../../lib/bounded-map.ts";
import type { LiveSession } from "./sessions.store.ts";

/** So old may a session's answer be: with the time of a query, its end is known within 30 s though every hint is lost. */
const BELIEVED_MS = 20_000;
/** Longer than any answer is believed or under way: by then the database says it. */
const DENIED_MS = 60_000;
const SESSIONS_MAX = 50_000;

interface Known {
	/** Null is a session that is over. */
	session: LiveSession | null;
	readAt: number;
}

/**
 * Whether sessions live, without a query for each call. An end is believed at once, and before any answer of the
 * database's: that may have been read before the end.
 */
export class Liveness {
	readonly #read: (ids: string[]) => Promise<LiveSession[]>;
	readonly #now: () => number;
	readonly #known = new BoundedMap<string, Known>(SESSIONS_MAX);
	readonly #denied = new BoundedMap<string, number>(SESSIONS_MAX);
	#asked: { ids: Set<string>; answer: Promise<Map<string, LiveSession>> } | null = null;

	constructor(read: (ids: string[]) => Promise<LiveSession[]>, now: () => number = Date.now) {
		this.#read = read;
		this.#now = now;
	}

	/** The session, or null where it has ended. @throws what the reading throws */
	async of(id: string): Promise<LiveSession | null> {
		if (this.#isDenied(id)) return null;
		const known = this.#known.get(id);
		if (known && this.#now() - known.readAt < BELIEVED_MS) return known.session;
		const readAt = this.#now();
		const session = (await this.#ask(id)).get(id) ?? null;
		if (this.#isDenied(id)) return null;
		this.#known.set(id, { session, readAt });
		return session;
	}

	/** These are over, from now on. */
	end(ids: readonly string[]): void {
		for (const id of ids) {
			this.#known.delete(id);
			this.#denied.set(id, this.#now());
		}
	}

	#isDenied(id: string): boolean {
		const at = this.#denied.get(id);
		return at !== undefined && this.#now() - at < DENIED_MS;
	}

	/** What is asked in one turn of the event loop is one query. */
	#ask(id: string): Promise<Map<string, LiveSession>> {
		if (!this.#asked || this.#asked.ids.size >= 1_000) {
			const ids = new Set<string>();
			const answer = new Promise<void>(resolve => setImmediate(resolve)).then(async () => {
				if (this.#asked?.ids === ids) this.#asked = null;
				const live = await this.#read([...ids]);
				return new Map(live.map(session => [session.id, session]));
			});
			this.#asked = { ids, answer };
		}
		this.#asked.ids.add(id);
		return this.#asked.answer;
	}
}
