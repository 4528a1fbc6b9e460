/** Which of the hints between nodes become events: transitions and bursts, not traffic. */

/** Remembers for so many keys; whoever is forgotten is told of once more. */
const KEYS_MAX = 50_000;
/** A burst of typing that nobody ended is over so long after its last sign. */
export const BURST_MS = 6_000;

/** Drops the keys that were set the longest ago. */
function remember<V>(map: Map<string, V>, key: string, value: V): void {
	map.delete(key);
	map.set(key, value);
	for (const oldest of map.keys()) {
		if (map.size <= KEYS_MAX) break;
		map.delete(oldest);
	}
}

/** Who went online or offline: `away` and `dnd` are online here. */
export class OnlineEdges {
	readonly #known = new Map<string, boolean>();

	/** Null where nothing changed for integrators. */
	edge(userId: string, status: string): "user.online" | "user.offline" | null {
		const online = status !== "offline";
		if (this.#known.get(userId) === online) return null;
		remember(this.#known, userId, online);
		return online ? "user.online" : "user.offline";
	}
}

/** When somebody begins to type. */
export class TypingBursts {
	readonly #until = new Map<string, number>();

	begins(chatId: string, userId: string, isTyping: boolean, now: number): boolean {
		const key = `${chatId} ${userId}`;
		if (!isTyping) {
			this.#until.delete(key);
			return false;
		}
		const goesOn = (this.#until.get(key) ?? 0) > now;
		remember(this.#until, key, now + BURST_MS);
		return !goesOn;
	}
}
