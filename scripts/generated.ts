import { existsSync, readFileSync, writeFileSync } from "node:fs";

const between = (name: string) =>
	new RegExp(`(<!-- generated:${name} -->\\n)([\\s\\S]*?)(\\n?<!-- /generated:${name} -->)`);

/** The text between a page's markers `<!-- generated:name -->` and `<!-- /generated:name -->`; null without them. */
export function generatedIn(page: string, name: string): string | null {
	return page.match(between(name))?.[2] ?? null;
}

/** Puts a text between a page's markers. @throws where the page has no such markers */
export function replaceGenerated(path: string, name: string, text: string): void {
	const page = existsSync(path) ? readFileSync(path, "utf8") : "";
	if (generatedIn(page, name) === null) throw new Error(`${path} has no place for ${name}.`);
	writeFileSync(
		path,
		page.replace(between(name), (_, open: string) => `${open}${text}\n<!-- /generated:${name} -->`),
	);
}
