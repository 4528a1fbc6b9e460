import { existsSync, readFileSync, writeFileSync } from "node:fs";

/** The text between a page's markers `<!-- generated:name -->` and `<!-- /generated:name -->`. */
export function generatedIn(page: string, name: string): string | null {
	const [, rest] = page.split(`<!-- generated:${name} -->\n`);
	return rest?.split(`\n<!-- /generated:${name} -->`)[0] ?? null;
}

/** Puts a text between a page's markers. @throws where the page has no such markers */
export function replaceGenerated(path: string, name: string, text: string): void {
	const page = existsSync(path) ? readFileSync(path, "utf8") : "";
	const old = generatedIn(page, name);
	if (old === null) throw new Error(`${path} has no place for ${name}.`);
	writeFileSync(path, page.replace(`<!-- generated:${name} -->\n${old}`, () => `<!-- generated:${name} -->\n${text}`));
}
