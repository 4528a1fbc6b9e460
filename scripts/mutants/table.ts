import type { Mutant } from "../../test/mutants.ts";

/** A fault that its test has found. */
export interface Finding {
	mutant: Mutant;
	/** The title of the test that failed. */
	by: string;
}

const HEAD = ["| covers | the fault that was switched on | where | found by |", "| --- | --- | --- | --- |"];

const cell = (text: string) => text.replaceAll("|", "\\|").replaceAll("<", "&lt;");

/** How the row of a mutant begins; no two begin alike. */
export const rowStart = ({ covers, fault, file }: Mutant): string =>
	`| ${covers} | ${cell(fault)} | \`${file}\` | `;

/** The table with the new findings in it: rows of mutants that were not tried this time stay, in the list's order. */
export function tableWith(old: string, mutants: readonly Mutant[], findings: readonly Finding[]): string {
	const found = new Map(findings.map(({ mutant, by }) => [mutant, by]));
	const lines = old.split("\n");
	const rows = mutants.flatMap(mutant => {
		const start = rowStart(mutant);
		const by = found.get(mutant);
		if (by !== undefined) return [`${start}${cell(by)} (\`${mutant.test}\`) |`];
		return lines.find(line => line.startsWith(start)) ?? [];
	});
	return [...HEAD, ...rows].join("\n");
}
