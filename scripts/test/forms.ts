import type { TestOutcome } from "./jest.ts";
import type { Form } from "./plan.ts";

/** Test name → why it runs in one form only. */
export type Differences = Record<string, string>;

export interface FormRow {
	file: string;
	embedded: number;
	cluster: number;
}

export interface Comparison {
	rows: FormRow[];
	/** Tests that ran in one form only, as they should. */
	explained: { name: string; form: Form; why: string }[];
	/** What is wrong with that, each a failure. */
	problems: string[];
}

/** The behaviours are one suite for two forms of the server: what runs in one runs in the other, or says why not. */
export function compareForms(
	outcomes: Record<Form, readonly TestOutcome[]>,
	differences: Differences,
	isComplete: boolean,
): Comparison {
	const ran = { embedded: ranIn(outcomes.embedded), cluster: ranIn(outcomes.cluster) };
	const explained: Comparison["explained"] = [];
	const problems: string[] = [];
	for (const [form, other] of [
		["embedded", "cluster"],
		["cluster", "embedded"],
	] as const) {
		for (const name of ran[form].difference(ran[other])) {
			const why = differences[name];
			if (why) explained.push({ name, form, why });
			else problems.push(`"${name}" ran only ${form}, and differences.json does not say why`);
		}
	}
	const known = new Set([...outcomes.embedded, ...outcomes.cluster].map(({ name }) => name));
	for (const name of Object.keys(differences)) {
		if (ran.embedded.has(name) && ran.cluster.has(name)) {
			problems.push(`"${name}" ran in both forms, yet differences.json has it`);
		} else if (isComplete && !known.has(name)) {
			problems.push(`"${name}" is in differences.json, and no test has that name`);
		} else if (isComplete && !ran.embedded.has(name) && !ran.cluster.has(name)) {
			problems.push(`"${name}" is in differences.json, and ran in no form`);
		}
	}
	return { rows: count(outcomes), explained, problems };
}

function ranIn(outcomes: readonly TestOutcome[]): Set<string> {
	return new Set(outcomes.filter(({ status }) => status !== "skipped").map(({ name }) => name));
}

function count(outcomes: Record<Form, readonly TestOutcome[]>): FormRow[] {
	const files = new Set([...outcomes.embedded, ...outcomes.cluster].map(({ file }) => file));
	const passed = (form: Form, file: string) =>
		outcomes[form].filter(outcome => outcome.file === file && outcome.status === "passed").length;
	return [...files]
		.sort()
		.map(file => ({ file, embedded: passed("embedded", file), cluster: passed("cluster", file) }));
}
