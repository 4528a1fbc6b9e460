/** Data folders that have their tables already: to make a database takes seconds of CPU, to copy one almost none. */
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { cpSync, existsSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import path from "node:path";

const ROOT = path.resolve(import.meta.dirname, "../..");

/** Fills the folder for `CHAT_DATA_DIR` and answers with it. Outside of a run of the tests it stays as it is. */
export function readyData(folder: string): string {
	const run = process.env.PARLEY_TEST_RUN_FOLDER;
	if (!run) return folder;
	const template = path.join(run, "ready-data");
	if (!existsSync(template)) makeTemplate(run, template);
	cpSync(template, folder, { recursive: true });
	return folder;
}

/** In a folder of its own first: another process may be at it too, and the first one that is done wins. */
function makeTemplate(run: string, template: string): void {
	const made = mkdtempSync(path.join(run, "making-data-"));
	const { status, stderr } = spawnSync(process.execPath, ["scripts/migrate.ts"], {
		cwd: ROOT,
		// With a secret given it keeps none: no two folders shall share one.
		env: {
			PATH: process.env.PATH,
			NODE_ENV: "test",
			CHAT_LOG_LEVEL: "warn",
			CHAT_DATA_DIR: made,
			CHAT_JWT_SECRET: randomBytes(32).toString("hex"),
		},
		encoding: "utf8",
	});
	if (status !== 0) throw new Error(`The tables were not made:\n${stderr}`);
	try {
		renameSync(made, template);
	} catch (err) {
		if (!existsSync(template)) throw err;
		rmSync(made, { recursive: true });
	}
}
