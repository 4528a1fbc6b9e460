import type { Presence } from "../../contracts/presence.ts";

/** Of one broadcast. */
const USERS_MAX = 1_000;

/** Gathers what changed in one turn of the event loop; of a user only the last. */
export class Announcer {
	readonly #send: (users: Presence[]) => void;
	readonly #waiting = new Map<string, Presence>();
	#scheduled: NodeJS.Immediate | null = null;

	constructor(send: (users: Presence[]) => void) {
		this.#send = send;
	}

	add(presence: Presence): void {
		this.#waiting.set(presence.userId, presence);
		this.#scheduled ??= setImmediate(() => this.flush());
	}

	flush(): void {
		if (this.#scheduled) clearImmediate(this.#scheduled);
		this.#scheduled = null;
		const users = [...this.#waiting.values()];
		this.#waiting.clear();
		for (let i = 0; i < users.length; i += USERS_MAX) this.#send(users.slice(i, i + USERS_MAX));
	}
}
