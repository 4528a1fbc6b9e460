/** `npm run test:chaos -- checker`: the checker proved. It finds nothing without a fault, and each of the seeded ones. */
import { changedSource } from "../support/changed-source.ts";
import { countKinds } from "./checks/examine.ts";
import type { Finding, Kind } from "./checks/finding.ts";
import { FAULTS, type Fault } from "./faults.ts";
import { Stage } from "./stage.ts";
import { runTrial } from "./trial.ts";

export interface CheckerRow {
	/** Null is the product as it is. */
	fault: string | null;
	file: string | null;
	/** Whether it is as it has to be: found, or nothing to find. */
	isRight: boolean;
	found: Partial<Record<Kind, number>>;
	example: string;
	sends: number;
}

export interface CheckerOptions {
	/** Of the seeded faults only those that have one of them in their description. */
	words: readonly string[];
	seed: number;
	say(line: string): void;
	/** Is told each row at once: what was found stays found, though the run may be ended. */
	keep(row: CheckerRow): void;
}

const WORK_MS = 5_000;
const PAUSE_MS = 10;

export async function proveChecker({ words, seed, say, keep }: CheckerOptions): Promise<CheckerRow[]> {
	const faults = FAULTS.filter(({ fault }) => words.length === 0 || words.some(word => fault.includes(word)));
	const rows: CheckerRow[] = [];
	const stage = await Stage.start();
	try {
		for (const [i, fault] of [null, ...faults].entries()) {
			const row = await tryFault(stage, fault, seed);
			rows.push(row);
			keep(row);
			const [right, wrong] = fault ? ["found", "NOT FOUND"] : ["nothing found", "FOUND WRONGLY"];
			const verdict = row.isRight ? right : wrong;
			const kinds = Object.entries(row.found).map(([kind, count]) => `${count} ${kind}`);
			say(
				`${i}/${faults.length} ${verdict}: ${fault?.fault ?? "no fault"} (${kinds.join(", ") || "no findings"})`,
			);
			if (!row.isRight && row.example) say(`   ${row.example}`);
		}
	} finally {
		await stage.stop();
	}
	return rows;
}

async function tryFault(stage: Stage, fault: Fault | null, seed: number): Promise<CheckerRow> {
	const source = fault ? changedSource([fault]) : null;
	const mix = fault?.mix ?? { vanish: 1 };
	const options = { seed, ms: WORK_MS, pauseMs: PAUSE_MS, mix };
	const row = { fault: fault?.fault ?? null, file: fault?.file ?? null };
	const { error } = console;
	// The SDK tells of what it cannot make sense of, or throws where nobody waits for it.
	const ignore = () => {};
	if (fault) {
		console.error = ignore;
		process.on("unhandledRejection", ignore);
	}
	try {
		const trial = await runTrial(stage, { ...options, ...(source && { root: source.root }) });
		const { findings, sends } = trial;
		const wanted = findings.filter(({ kind }) => fault?.shows.includes(kind));
		const [first] = (fault ? wanted : findings) as [Finding | undefined];
		const isRight = fault ? wanted.length > 0 : findings.length === 0 && sends > 0;
		return {
			...row,
			isRight,
			found: countKinds(findings),
			example: first ? `${first.kind}: ${first.what}` : "",
			sends,
		};
	} catch (err) {
		return {
			...row,
			isRight: false,
			found: {},
			example: `It could not be tried: ${(err as Error).message}`,
			sends: 0,
		};
	} finally {
		console.error = error;
		process.off("unhandledRejection", ignore);
		source?.remove();
	}
}
