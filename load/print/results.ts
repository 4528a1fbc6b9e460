/** Results that stay until the same is measured again: each under its name, with its own date and machine. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

interface Dated {
	at: string;
}

/** Writes them into a file in place of those of the same names that are there. */
export function keepResults(file: string, results: Record<string, object>, machine: object): void {
	const at = new Date().toISOString();
	const fresh = Object.entries(results).map(([name, result]) => [name, { at, machine, ...result }] as const);
	mkdirSync(path.dirname(file), { recursive: true });
	writeFileSync(file, `${JSON.stringify({ ...kept(file), ...Object.fromEntries(fresh) }, null, "\t")}\n`);
}

/** What has no date of its own is of an older form, and goes. */
function kept(file: string): Record<string, Dated> {
	if (!existsSync(file)) return {};
	const before = Object.entries(
		JSON.parse(readFileSync(file, "utf8")) as Record<string, Partial<Dated> | null>,
	);
	return Object.fromEntries(
		before.filter((entry): entry is [string, Dated] => typeof entry[1]?.at === "string"),
	);
}
