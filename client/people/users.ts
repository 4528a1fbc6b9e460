import type { Readable, UserCard } from "../api.ts";
import type { Link } from "../parts.ts";
import { Listeners, Store } from "../readable.ts";
import { evict } from "../tables.ts";
import { followed } from "./followed.ts";

const CARDS_MAX = 5_000;
const QUEUE_MAX = 1_000;
const AT_ONCE_MAX = 4;
/**
 * Who could not be had is not asked for again before. After a break of the connection, what is older is asked for again
 * while somebody looks at it.
 */
const FRESH_MS = 60_000;

interface Known {
	readonly store: Store<UserCard | null>;
	readonly shown: Readable<UserCard | null>;
	/** When it was last known to be right, in ms since the epoch; 0 is never. */
	at: number;
	/** When it was last asked for. */
	askedAt: number;
}

/** The people whom this device has seen. */
export class Users {
	readonly #link: Link;
	/** Called with the id of whoever looks different now. */
	readonly changed = new Listeners<[userId: string]>();
	readonly #known = new Map<string, Known>();
	readonly #queue = new Set<string>();
	#running = 0;

	constructor(link: Link) {
		this.#link = link;
		link.on("user:updated", user => this.saw([user]));
		link.onSocket(() => this.#lookAgain());
	}

	/** Asks for whoever is not known. */
	user(userId: string): Readable<UserCard | null> {
		const known = this.#of(userId);
		// A view asks whenever it draws, also for those who are not there.
		if (known.at === 0 && Date.now() - known.askedAt > FRESH_MS) {
			known.askedAt = Date.now();
			this.#ask(userId);
		}
		return known.shown;
	}

	saw(cards: readonly UserCard[]): void {
		for (const { id, username, displayName, avatarUrl } of cards) {
			const known = this.#of(id);
			known.at = Date.now();
			const old = known.store.get();
			known.store.set({ id, username, displayName, avatarUrl });
			if (known.store.get() !== old) this.changed.call(id);
		}
	}

	#of(userId: string): Known {
		const found = this.#known.get(userId);
		if (found) return found;
		const store = new Store<UserCard | null>(null);
		const known: Known = {
			store,
			at: 0,
			askedAt: 0,
			shown: followed(
				store,
				// It may have been forgotten while nobody followed it.
				() => void this.#known.set(userId, this.#known.get(userId) ?? known),
				() => {},
			),
		};
		this.#known.set(userId, known);
		evict(this.#known, CARDS_MAX, ({ store }) => store.isFollowed);
		return known;
	}

	#ask(userId: string): void {
		if (this.#queue.size < QUEUE_MAX) this.#queue.add(userId);
		this.#pump();
	}

	#lookAgain(): void {
		const stale = Date.now() - FRESH_MS;
		for (const [userId, { store, at }] of this.#known)
			if (store.isFollowed && at < stale && this.#queue.size < QUEUE_MAX) this.#queue.add(userId);
		this.#pump();
	}

	#pump(): void {
		for (const userId of this.#queue) {
			if (this.#running >= AT_ONCE_MAX || this.#link.state.get().status !== "online") return;
			this.#queue.delete(userId);
			this.#running++;
			void this.#link
				.rest("GET /users/:id", { id: userId })
				// Whom it could not get is asked for again with the next socket, if somebody still looks.
				.then(
					user => this.saw([user]),
					() => {},
				)
				.finally(() => {
					this.#running--;
					this.#pump();
				});
		}
	}
}
