/** The results as Markdown. Only what was run is in it. */
import { table } from "../../load/print/table.ts";
import { isKept, writeLimited } from "./limits.ts";
import type { CheckerResult, ScenarioResult } from "./results.ts";
import type { Figures } from "./scenarios/scenario.ts";

const seconds = (ms: number | null) => (ms === null ? "" : `${(ms / 1_000).toFixed(1)} s`);
const number = (value: number) => value.toLocaleString("en-US");

/** Work that goes on for long, or by the thousand, and would hide what there was under faults. */
const WITHOUT_FAULTS = ["overload", "soak"];

/** What all runs gave, in a few sentences. */
export function summaryOf(results: readonly ScenarioResult[], { rows }: CheckerResult): string {
	const figuresOf = (isWanted: (name: string) => boolean) =>
		results.filter(({ name }) => isWanted(name)).flatMap(({ figures }) => figures);
	const total = (some: readonly Figures[], of: (one: Figures) => number) =>
		number(some.reduce((sum, one) => sum + of(one), 0));
	const all = figuresOf(() => true);
	const faulty = figuresOf(name => !WITHOUT_FAULTS.includes(name));
	const killed = figuresOf(name => name === "kill");
	const overloaded = figuresOf(name => name === "overload");
	const limits = all.flatMap(one => one.limits);
	const seeded = rows.filter(({ fault }) => fault);
	return [
		`In ${total(faulty, ({ ok, failed, unknown }) => ok + failed + unknown)} operations under faults,`,
		`${total(killed, ({ times }) => times)} kills of every process among them,`,
		`the checker has ${total(all, findingsOf)} findings; ${limits.filter(isKept).length} of ${limits.length} limits were kept.`,
		`Of ${total(overloaded, ({ sends }) => sends)} sends that were accepted under three times the load,`,
		`${total(overloaded, findingsOf)} are lost or stored twice.`,
		`Of faults that were seeded into the product it found ${seeded.filter(({ isRight }) => isRight).length} of ${seeded.length}.`,
	].join("\n");
}

const findingsOf = ({ found }: Figures) => Object.values(found).reduce((sum, count) => sum + count, 0);

/** A row for each fault: what became of the work, and how long it took until all was well. */
export function runsTable(results: readonly ScenarioResult[]): string {
	const head = [
		"fault",
		"sends acknowledged",
		"operations ok / refused / unknown",
		"calls begun meanwhile that succeeded at once",
		"longest call",
		"sends again",
		"devices caught up",
		"Kafka has all",
		"nodes that ended",
		"findings",
		"limits",
	];
	return table(
		head,
		results.flatMap(({ figures }) => figures.map(rowOf)),
	);
}

function rowOf(of: Figures): string[] {
	const { during, found } = of;
	const findings = Object.entries(found).map(([kind, count]) => `${count} ${kind}`);
	return [
		`${of.fault}${of.times > 1 ? `, ${of.times} times` : ""}${of.lasted === null ? "" : `, ${of.lasted} s`}`,
		number(of.sends),
		[of.ok, of.failed, of.unknown].map(number).join(" / "),
		during ? `${number(during.ok)} of ${number(during.calls)}` : "",
		seconds(of.longestMs),
		seconds(of.sendsAgainMs),
		seconds(of.caughtUpMs),
		seconds(of.drainedMs),
		String(of.ended),
		findings.join(", ") || "none",
		of.limits.map(writeLimited).join("<br>"),
	];
}

/** The seeded faults, each with what found it. */
export function checkerTable({ rows }: CheckerResult): string {
	const sorted = rows.toSorted((a, b) => Number(a.fault !== null) - Number(b.fault !== null));
	return table(
		["fault in the product", "where", "", "findings by kind"],
		sorted.map(({ fault, file, isRight, found }) => [
			fault ?? "none",
			file ? `\`${file}\`` : "",
			fault ? (isRight ? "found" : "NOT FOUND") : isRight ? "nothing found" : "FOUND WRONGLY",
			Object.entries(found)
				.map(([kind, count]) => `${count} ${kind}`)
				.join(", "),
		]),
	);
}

/** When, from which source and on what each was run. */
export function runsList(results: readonly ScenarioResult[], checker: CheckerResult | null): string {
	const all = [...results, ...(checker ? [{ ...checker, name: "checker", does: "the checker itself" }] : [])];
	return table(
		["run", "what it does", "with", "at", "source", "took", "seed", "on"],
		all.map(run => [
			`\`${run.name}\``,
			run.does,
			run.options ? `\`${run.options}\`` : "",
			run.at.slice(0, 16).replace("T", " "),
			run.commit,
			`${run.seconds} s`,
			String(run.seed),
			run.machine,
		]),
	);
}

export function reportOf(results: readonly ScenarioResult[], checker: CheckerResult | null): string {
	const parts = ["# What the last runs gave", runsList(results, checker)];
	if (results.length > 0) parts.push("## Faults", runsTable(results));
	if (checker) parts.push("## The checker", checkerTable(checker));
	const wrong = results.flatMap(({ name, findings }) =>
		findings.map(({ kind, what }) => `- ${name}: ${kind}: ${what}`),
	);
	if (wrong.length > 0) parts.push("## Findings", wrong.join("\n"));
	return `${parts.join("\n\n")}\n`;
}
