/** Who must hear of which change of presence, and who did. */
import type { Presence } from "../../../contracts/presence.ts";

const LOST_AFTER_MS = 5_000;

interface Change {
	status: string;
	left: number;
	saidAt: number;
	over(): void;
}

export class Watch {
	readonly #heardAfter: (ms: number) => void;
	/** One under way for a user. */
	readonly #changes = new Map<string, Change>();

	constructor(heardAfter: (ms: number) => void) {
		this.#heardAfter = heardAfter;
	}

	isUnderWay(userId: string): boolean {
		return this.#changes.has(userId);
	}

	/** Resolves with how many did not hear it in time; presence is best effort. */
	says(userId: string, status: string, watchers: number): Promise<number> {
		return new Promise(resolve => {
			const over = () => {
				clearTimeout(timer);
				this.#changes.delete(userId);
				resolve(change.left);
			};
			const timer = setTimeout(over, LOST_AFTER_MS);
			const change: Change = { status, left: watchers, saidAt: performance.now(), over };
			this.#changes.set(userId, change);
		});
	}

	/** `42["user:status",{…}]`, or several of one turn as `users:update`. */
	hears(name: string, text: string): void {
		if (name !== "user:status" && name !== "users:update") return;
		const [, told] = JSON.parse(text.slice(2)) as [string, Presence | Presence[]];
		for (const { userId, status } of Array.isArray(told) ? told : [told]) {
			const change = this.#changes.get(userId);
			if (change?.status !== status) continue;
			this.#heardAfter(performance.now() - change.saidAt);
			if (--change.left === 0) change.over();
		}
	}
}
