/** What is done how often, and with what: all of it by a seeded chance. */
import { chanceOf } from "../../support/chance.ts";

export interface Mix {
	send: number;
	edit: number;
	delete: number;
	react: number;
	unreact: number;
	read: number;
	look: number;
	/** The device has no network for a moment. */
	vanish: number;
}

export type DoneByDevice = keyof Mix;

export const MIX: Mix = { send: 24, edit: 4, delete: 1, react: 4, unreact: 2, read: 4, look: 4, vanish: 0 };

export class Choices {
	readonly chance: () => number;

	constructor(seed: number) {
		this.chance = chanceOf(seed);
	}

	one<T>(of: readonly T[]): T {
		return of[Math.floor(this.chance() * of.length)] as T;
	}

	/** Whether something that happens in one of `n` cases happens now. */
	oneIn(n: number): boolean {
		return this.chance() * n < 1;
	}

	deed(mix: Mix): DoneByDevice {
		const all = Object.entries(mix) as [DoneByDevice, number][];
		let left = this.chance() * all.reduce((sum, [, weight]) => sum + weight, 0);
		for (const [does, weight] of all) {
			left -= weight;
			if (left < 0) return does;
		}
		return "send";
	}
}
