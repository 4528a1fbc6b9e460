/** What the documentation points to is there: pages, headings, tests, files, commands. */
import { existsSync, globSync, readFileSync, statSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "@jest/globals";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
const PAGES = globSync(["*.md", "docs/**/*.md"], { cwd: ROOT }).sort();

interface Link {
	text: string;
	path: string;
	anchor: string;
}

/** Links to this repository; code is no place for links. */
function linksOf(page: string): Link[] {
	const prose = read(page).replace(/```[\s\S]*?```/g, "");
	return [...prose.matchAll(/\[([^\]]*)\]\(([^)\s]+)\)/g)]
		.filter(([, , target = ""]) => !/^[a-z]+:/.test(target))
		.map(([, text = "", target = ""]) => {
			const [path = "", anchor = ""] = target.split("#");
			return { text, path: path === "" ? page : normalize(join(dirname(page), path)), anchor };
		});
}

/** As GitHub makes them of headings. */
const anchorsOf = (page: string): string[] =>
	[...read(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
		heading
			.toLowerCase()
			.replace(/[^\p{L}\p{N}\s_-]/gu, "")
			.trim()
			.replace(/\s/g, "-"),
	);

/** `lib/log/change.ts` in a sentence; what begins elsewhere (`node_modules/`, `data/`) is not in the repository. */
const pathsOf = (page: string): string[] =>
	[
		...read(page).matchAll(
			/`((?:contracts|deploy|docs|lib|load|mixins|models|schemas|scripts|services|test)\/[\w./-]+)`/g,
		),
	].map(([, path = ""]) => path);

describe.each(PAGES)("%s", page => {
	test("links to what is there", () => {
		const broken = linksOf(page).filter(({ path, anchor }) => {
			if (!existsSync(join(ROOT, path))) return true;
			return anchor !== "" && !anchorsOf(path).includes(anchor);
		});
		expect(broken).toEqual([]);
	});

	test("names tests by titles that they have", () => {
		const wrong = linksOf(page)
			.filter(({ path, text }) => path.endsWith(".test.ts") && !path.endsWith(text.replaceAll("`", "")))
			.filter(({ path, text }) => !read(path).includes(text));
		expect(wrong).toEqual([]);
	});

	test("names files and folders that are there", () => {
		expect(pathsOf(page).filter(path => !existsSync(join(ROOT, path)))).toEqual([]);
	});

	test("names commands that are there", () => {
		const scripts = Object.keys(JSON.parse(read("package.json")).scripts);
		const named = [...read(page).matchAll(/\bnpm run (?:-s )?([\w:]+)/g)].map(([, name = ""]) => name);
		expect(named.filter(name => !scripts.includes(name))).toEqual([]);
	});
});

test("the README names every command", () => {
	const { scripts } = JSON.parse(read("package.json"));
	const named = read("README.md");
	expect(
		Object.keys(scripts).filter(
			name => !named.includes(`\`npm ${name}`) && !new RegExp(`\`(npm run )?${name}\``).test(named),
		),
	).toEqual([]);
});

test("every page of the documentation is in its index", () => {
	const linked = new Set(linksOf("docs/README.md").map(({ path }) => path));
	// Decisions are found by their folder.
	const pages = PAGES.filter(page => page.startsWith("docs/") && !/README|docs\/adr\//.test(page));
	const missing = pages.filter(page => !linked.has(page));
	expect(missing).toEqual([]);
	expect(PAGES.every(page => statSync(join(ROOT, page)).size > 0)).toBe(true);
});
