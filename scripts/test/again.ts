import type { TestOutcome } from "./jest.ts";
import type { Group } from "./plan.ts";

/** More than this is no bad luck. */
const FILES_MAX = 5;

/** A group that has run. */
export interface Done {
	group: Group;
	outcomes: TestOutcome[];
}

/**
 * Which files are run once more, by themselves: a whole run keeps a machine so busy that a server or a page may stand
 * still for seconds. What then passes is named as such. Where many files failed, none is tried again.
 */
export function againOf(done: readonly Done[]): { run: Done; files: string[] }[] {
	const again = done
		.map(run => {
			const failed = run.outcomes.filter(({ status }) => status === "failed");
			return { run, files: [...new Set(failed.map(({ file }) => file))] };
		})
		.filter(({ files }) => files.length > 0);
	return again.reduce((sum, { files }) => sum + files.length, 0) > FILES_MAX ? [] : again;
}

/**
 * What a group's outcomes are with those of the second try in place of the first.
 * @returns `passedNow`: the failures of the first try that the second did not have
 */
export function secondTry(
	first: readonly TestOutcome[],
	files: readonly string[],
	second: readonly TestOutcome[],
): { outcomes: TestOutcome[]; passedNow: TestOutcome[] } {
	const kept = first.filter(({ file }) => !files.includes(file));
	const hasPassed = ({ file, name }: TestOutcome) =>
		!second.some(it => it.file === file && it.name === name && it.status !== "passed");
	const failed = first.filter(({ file, status }) => files.includes(file) && status === "failed");
	return { outcomes: [...kept, ...second], passedNow: failed.filter(hasPassed) };
}
