import { setTimeout as sleep } from "node:timers/promises";

const LOOK_EVERY_MS = 100;

/** Waits until something holds, or for as long as it may take. @returns whether it holds */
export async function until(holds: () => boolean | Promise<boolean>, withinMs: number): Promise<boolean> {
	const deadline = Date.now() + withinMs;
	for (;;) {
		if (await holds()) return true;
		if (Date.now() >= deadline) return false;
		await sleep(LOOK_EVERY_MS);
	}
}
