/**
 * `npm run docs:guarantees`: writes what the last runs of `npm run test:chaos` gave into docs/guarantees.md, and
 * their sum into README.md. A promise has only the faults and figures of runs whose results are in test/chaos/results:
 * what was not run is not claimed.
 */
import { execFileSync } from "node:child_process";
import path from "node:path";
import { worstOf, writeLimited } from "../test/chaos/limits.ts";
import { checkerTable, runsList, runsTable, summaryOf } from "../test/chaos/report.ts";
import { readChecker, readScenarios, type ScenarioResult } from "../test/chaos/results.ts";
import { INVARIANTS } from "../test/invariants.ts";
import { titledTests } from "./docs/invariants.ts";
import { markdownTable } from "./docs/markdown.ts";
import { replaceGenerated } from "./generated.ts";
import { readFigures } from "./test/figures.ts";

const ROOT = path.dirname(import.meta.dirname);
const PAGE = path.join(ROOT, "docs/guarantees.md");
const README = path.join(ROOT, "README.md");
/** What runs where Parley runs, and what it is made of. */
const PRODUCT = [
	"client",
	"contracts",
	"lib",
	"mixins",
	"models",
	"schemas",
	"services",
	"moleculer.config.ts",
	"package-lock.json",
];

const results = readScenarios();
for (const id of results.flatMap(({ covers }) => covers))
	if (!INVARIANTS[id]) throw new Error(`${id} is no invariant that is known here.`);
const checker = readChecker();
if (results.length === 0 || !checker) {
	console.error("There are no results of a run: `npm run test:chaos` makes them.");
	process.exit(1);
}
for (const page of [PAGE, README]) replaceGenerated(page, "chaos", summaryOf(results, checker));
replaceGenerated(PAGE, "promises", promisesTable(results));
replaceGenerated(PAGE, "faults", runsTable(results));
replaceGenerated(PAGE, "checker", checkerTable(checker));
replaceGenerated(
	PAGE,
	"runs",
	`${runsList(results, checker)}\n\n${testsRun()} ${ofOneProduct(checker.commit)}`,
);
console.log(`${PAGE} is written.`);

function promisesTable(results: readonly ScenarioResult[]): string {
	const ids = Object.keys(INVARIANTS).filter(id => id.startsWith("I"));
	const titled = titledTests();
	const counted = Map.groupBy(readFigures(), ({ id }) => id);
	const rows = ids
		.toSorted((a, b) => Number(a.slice(1)) - Number(b.slice(1)))
		.map(id => {
			const of = results.filter(({ covers }) => covers.includes(id));
			const files = [
				...new Set(titled.filter(({ ids }) => ids.includes(id)).map(({ file }) => linkTo(file))),
			];
			const figures = [
				...(of.length > 0 ? figuresOf(id, of) : []),
				...(counted.get(id) ?? []).map(({ counted }) => `in \`npm test\`: ${counted}`),
			];
			return [
				id,
				INVARIANTS[id] ?? "",
				files.join("<br>"),
				of.map(faultsOf).join(", "),
				figures.join("<br>"),
			];
		});
	return markdownTable(
		["", "promise", "short form, in every `npm test`", "[faults](#faults) it went through", "figures"],
		rows,
	);
}

/** When, and of which source, the tests have counted what stands above. */
function testsRun(): string {
	const figures = readFigures();
	const sources = [...new Set(figures.map(({ commit }) => commit))].join(", ");
	const at = figures.map(figure => figure.at.slice(0, 16).replace("T", " ")).sort();
	return `What stands as \`npm test\` was counted from ${at[0]} to ${at.at(-1)}, of ${sources}.`;
}

/** Whether all of them were runs of the same server and SDK, whatever else their commits differ in. */
function ofOneProduct(checkers: string): string {
	const commits = new Set([checkers, ...[...results, ...readFigures()].map(({ commit }) => commit)]);
	const [first = [], ...others] = Map.groupBy(commits, productOf).values();
	if (others.length === 0)
		return "Server, SDK and dependencies are the same in all of these sources: they differ in tests, tools and docs.";
	const differing = others.map(
		group => `${group.join(", ")} in ${filesBetween(first[0] as string, group[0] as string)}`,
	);
	return `Server, SDK or dependencies are not the same in all of these sources. From ${first.join(", ")} differ: ${differing.join("; ")}.`;
}

/** Says the same for commits that have the same files; what was changed in a commit (`+`) is like nothing else. */
function productOf(commit: string): string {
	if (commit.endsWith("+")) return commit;
	return git("rev-parse", ...PRODUCT.map(part => `${commit}:${part}`));
}

function filesBetween(...commits: [string, string]): string {
	if (commits.some(commit => commit.endsWith("+"))) return "what was not committed";
	const files = git("diff", "--name-only", ...commits, "--", ...PRODUCT)
		.trim()
		.split("\n");
	return files.map(file => `\`${file}\``).join(", ");
}

function git(...args: string[]): string {
	return execFileSync("git", args, { cwd: ROOT, encoding: "utf8" });
}

function linkTo(file: string): string {
	return `[${file.replace(/^test\//, "")}](../${file})`;
}

/** The table of faults says what each is. */
function faultsOf({ name, figures }: ScenarioResult): string {
	const times = figures.reduce((sum, one) => sum + one.times, 0);
	return times > 1 ? `\`${name}\` ×${times}` : `\`${name}\``;
}

function figuresOf(id: string, results: readonly ScenarioResult[]): string[] {
	const all = results.flatMap(({ figures }) => figures);
	const sum = (of: (figures: (typeof all)[number]) => number) =>
		all.reduce((total, one) => total + of(one), 0);
	const findings = sum(({ found }) => Object.values(found).reduce((total, count) => total + count, 0));
	const operations = sum(({ ok, failed, unknown }) => ok + failed + unknown);
	const number = (value: number) => value.toLocaleString("en-US");
	const limits = worstOf(all.flatMap(({ limits }) => limits).filter(limited => limited.id === id));
	return [
		`${number(findings)} findings in ${number(operations)} operations, ${number(sum(({ sends }) => sends))} sends acknowledged`,
		...limits.map(writeLimited),
	];
}
