/** A copy of the server with one line changed: what a node would do that had this fault. */
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const ROOT = path.resolve(import.meta.dirname, "../..");
/** What a node runs on. */
const PARTS = [
	"contracts",
	"lib",
	"mixins",
	"models",
	"schemas",
	"scripts",
	"services",
	"moleculer.config.ts",
	"package.json",
];

export interface ChangedSource {
	/** For `startNode`. */
	root: string;
	remove(): void;
}

/** @throws Error where the text is not there exactly once, so that the fault would not be what its test says */
export function changedSource(file: string, find: string, replace: string): ChangedSource {
	const root = mkdtempSync(path.join(tmpdir(), "parley-changed-"));
	for (const part of PARTS) cpSync(path.join(ROOT, part), path.join(root, part), { recursive: true });
	symlinkSync(path.join(ROOT, "node_modules"), path.join(root, "node_modules"));
	const target = path.join(root, file);
	const text = readFileSync(target, "utf8");
	if (text.split(find).length !== 2) throw new Error(`"${find}" is not in ${file} exactly once.`);
	writeFileSync(
		target,
		text.replace(find, () => replace),
	);
	return { root, remove: () => rmSync(root, { recursive: true, force: true }) };
}
