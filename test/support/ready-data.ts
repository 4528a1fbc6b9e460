/** Data folders that have their tables already: to make a database takes seconds of CPU, to copy one almost none. */
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { cpSync } from "node:fs";
import path from "node:path";
import { madeOnce } from "./made-once.ts";

const ROOT = path.resolve(import.meta.dirname, "../..");

/** Fills the folder for `CHAT_DATA_DIR` and answers with it. Outside of a run of the tests it stays as it is. */
export function readyData(folder: string): string {
	if (!process.env.PARLEY_TEST_RUN_FOLDER) return folder;
	cpSync(madeOnce("ready-data", makeTables), folder, { recursive: true });
	return folder;
}

function makeTables(folder: string): void {
	const { status, stderr } = spawnSync(process.execPath, ["scripts/migrate.ts"], {
		cwd: ROOT,
		// With a secret given it keeps none: no two folders shall share one.
		env: {
			PATH: process.env.PATH,
			NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
			NODE_ENV: "test",
			CHAT_LOG_LEVEL: "warn",
			CHAT_DATA_DIR: folder,
			CHAT_JWT_SECRET: randomBytes(32).toString("hex"),
		},
		encoding: "utf8",
	});
	if (status !== 0) throw new Error(`The tables were not made:\n${stderr}`);
}
