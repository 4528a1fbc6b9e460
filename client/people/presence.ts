import { CLIENT_LIMITS as LIMITS } from "../../contracts/limits.ts";
import type { Presence, Readable } from "../api.ts";
import type { Link } from "../parts.ts";
import { Store } from "../readable.ts";
import { evict } from "../tables.ts";
import { followed } from "./followed.ts";

/** A list that scrolls lets go of people and takes them up again. */
const LINGER_MS = 5_000;
const RETRY_MS = 5_000;
/** Of a batch with anything else in it the server would answer nothing. */
const isId = (text: string): boolean => /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(text);
const KNOWN_MAX = 2 * LIMITS.presenceSubscriptionsMax;

interface Followed {
	readonly store: Store<Presence>;
	readonly shown: Readable<Presence>;
}

/** Who is online, for as long as somebody looks. Those of whom one may not hear are offline. */
export class Presences {
	readonly #link: Link;
	readonly #known = new Map<string, Followed>();
	/** Whom somebody follows, or did a moment ago, the oldest first. */
	readonly #wanted = new Map<string, ReturnType<typeof setTimeout> | undefined>();
	/** Whom the current socket has subscribed to. */
	readonly #subscribed = new Set<string>();
	/** Of whom an event told since the last question: its answer may have been read before that. */
	readonly #told = new Set<string>();
	#isDue = false;
	#work: Promise<void> = Promise.resolve();

	constructor(link: Link) {
		this.#link = link;
		const told = (presences: readonly Presence[]) => {
			for (const { userId } of presences) if (this.#known.has(userId)) this.#told.add(userId);
			this.#heard(presences);
		};
		link.on("user:status", presence => told([presence]));
		link.on("users:update", told);
		link.onSocket(() => {
			this.#subscribed.clear();
			this.#soon();
		});
	}

	presence(userId: string): Readable<Presence> {
		const found = this.#known.get(userId);
		if (found) return found.shown;
		const store = new Store<Presence>({ userId, status: "offline", text: null, lastSeenAt: null });
		const shown = followed(
			store,
			() => this.#follow(userId, entry),
			() => this.#letGo(userId),
		);
		const entry: Followed = { store, shown };
		this.#known.set(userId, entry);
		evict(this.#known, KNOWN_MAX, ({ store }) => store.isFollowed);
		return shown;
	}

	#follow(userId: string, entry: Followed): void {
		// It may have been forgotten while nobody followed it.
		if (!this.#known.has(userId)) this.#known.set(userId, entry);
		clearTimeout(this.#wanted.get(userId));
		this.#wanted.set(userId, undefined);
		this.#soon();
	}

	#letGo(userId: string): void {
		clearTimeout(this.#wanted.get(userId));
		const drop = () => {
			this.#wanted.delete(userId);
			this.#soon();
		};
		this.#wanted.set(userId, setTimeout(drop, LINGER_MS));
	}

	#heard(presences: readonly Presence[]): void {
		for (const presence of presences) this.#known.get(presence.userId)?.store.set(presence);
	}

	/** All that is asked for in one turn goes in one call. */
	#soon(): void {
		if (this.#isDue) return;
		this.#isDue = true;
		queueMicrotask(() => {
			this.#isDue = false;
			this.#work = this.#work.then(() => this.#settle());
		});
	}

	async #settle(): Promise<void> {
		if (this.#link.state.get().status !== "online") return;
		const wanted = new Set([...this.#wanted.keys()].filter(isId).slice(0, LIMITS.presenceSubscriptionsMax));
		const gone = [...this.#subscribed].filter(userId => !wanted.has(userId));
		const fresh = [...wanted].filter(userId => !this.#subscribed.has(userId));
		try {
			for (const userIds of parts(gone)) {
				for (const userId of userIds) this.#subscribed.delete(userId);
				await this.#link.call("presence:unsubscribe", { userIds });
			}
			for (const userIds of parts(fresh)) {
				for (const userId of userIds) this.#subscribed.add(userId);
				this.#told.clear();
				const { users } = await this.#link.call("presence:subscribe", { userIds });
				this.#heard(users.filter(({ userId }) => !this.#told.has(userId)));
			}
		} catch {
			// With a new socket all are asked for anyway; on this one a little later.
			for (const userId of fresh) this.#subscribed.delete(userId);
			setTimeout(() => this.#soon(), RETRY_MS);
		}
	}
}

function* parts(userIds: readonly string[]): Generator<string[]> {
	for (let from = 0; from < userIds.length; from += LIMITS.presenceUserIdsMax)
		yield userIds.slice(from, from + LIMITS.presenceUserIdsMax);
}
