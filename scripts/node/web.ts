/** The web client comes with the first start from a clone; an installation without its sources has the finished files. */
import { existsSync } from "node:fs";
import path from "node:path";
import { buildAndStamp, isFresh } from "../build/fresh.ts";
import { ROOT, TARGETS } from "../build/targets.ts";
import type { Say } from "./say.ts";

/** Builds it where it is missing or its sources have changed. A failure is told, and the server runs without it. */
export async function buildWeb(say: Say): Promise<void> {
	const target = TARGETS.find(({ name }) => name === "web");
	const needed = ["web/index.html", "node_modules/vite"];
	if (!target || !needed.every(file => existsSync(path.join(ROOT, file))) || isFresh(target)) return;
	say("Building the web client …");
	try {
		await buildAndStamp(target);
	} catch (err) {
		say(`Warning: the web client cannot be built.\n${(err as Error).message}`);
	}
}
