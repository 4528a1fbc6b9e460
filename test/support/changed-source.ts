/** A copy of the server with some lines changed: what a node would do that had this fault, or was of another version. */
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const ROOT = path.resolve(import.meta.dirname, "../..");
/** What a node runs on, or a bridge by itself. */
const PARTS = [
	"contracts",
	"lib",
	"mixins",
	"models",
	"schemas",
	"scripts",
	"services",
	"test/support/bridge-process.ts",
	"moleculer.config.ts",
	"package.json",
];

export interface ChangedSource {
	/** For `startNode`. */
	root: string;
	remove(): void;
}

/** A text of a file, and what takes its place. */
export interface Edit {
	file: string;
	find: string;
	replace: string;
}

/** @throws Error where a text is not there exactly once, so that the change would not be what its test says */
export function changedSource(edits: readonly Edit[]): ChangedSource {
	const root = mkdtempSync(path.join(tmpdir(), "parley-changed-"));
	for (const part of PARTS) cpSync(path.join(ROOT, part), path.join(root, part), { recursive: true });
	symlinkSync(path.join(ROOT, "node_modules"), path.join(root, "node_modules"));
	for (const { file, find, replace } of edits) {
		const target = path.join(root, file);
		const text = readFileSync(target, "utf8");
		if (text.split(find).length !== 2) throw new Error(`"${find}" is not in ${file} exactly once.`);
		writeFileSync(
			target,
			text.replace(find, () => replace),
		);
	}
	return { root, remove: () => rmSync(root, { recursive: true, force: true }) };
}
