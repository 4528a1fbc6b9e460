/** Whether a target was built of the sources that are there: known without reading them, where none is newer. */
import { createHash } from "node:crypto";
import { existsSync, globSync, mkdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import path from "node:path";
import { ROOT, type Target } from "./targets.ts";

export function isFresh(target: Target): boolean {
	const stamp = stampOf(target);
	if (!existsSync(path.join(ROOT, target.result)) || !existsSync(stamp)) return false;
	const startedAt = new Date();
	const files = filesOf(target);
	const { hash, count } = JSON.parse(readFileSync(stamp, "utf8"));
	const builtAt = statSync(stamp).mtimeMs;
	const isOlder = (file: string) => statSync(path.join(ROOT, file)).mtimeMs < builtAt;
	if (files.length === count && files.every(isOlder)) return true;
	if (hashOf(files) !== hash) return false;
	// Touched, and yet the same: a checkout does that. The next time need not read them again.
	utimesSync(stamp, startedAt, startedAt);
	return true;
}

/** Builds, and remembers of what: sources that change meanwhile make it stale. */
export async function buildAndStamp(target: Target): Promise<void> {
	const startedAt = new Date();
	const files = filesOf(target);
	const hash = hashOf(files);
	await target.build();
	const stamp = stampOf(target);
	mkdirSync(path.dirname(stamp), { recursive: true });
	writeFileSync(stamp, JSON.stringify({ hash, count: files.length }));
	utimesSync(stamp, startedAt, startedAt);
}

function stampOf({ name }: Target): string {
	return path.join(ROOT, ".cache/build", `${name}.json`);
}

function filesOf({ sources }: Target): string[] {
	return globSync(sources, { cwd: ROOT, withFileTypes: true })
		.filter(entry => entry.isFile())
		.map(entry => path.relative(ROOT, path.join(entry.parentPath, entry.name)))
		.sort();
}

function hashOf(files: string[]): string {
	const hash = createHash("sha256");
	for (const file of files)
		hash
			.update(`${file}\0`)
			.update(readFileSync(path.join(ROOT, file)))
			.update("\0");
	return hash.digest("hex");
}
