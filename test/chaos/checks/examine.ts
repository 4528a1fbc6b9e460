/** The checker: everything that must agree after a run, whatever happened in it. */
import { checkChanges } from "./changes.ts";
import { checkConnections } from "./connections.ts";
import { checkCounts } from "./counts.ts";
import { checkDevices } from "./devices.ts";
import { checkEffects } from "./effects.ts";
import type { Check, Evidence, Finding, Kind } from "./finding.ts";
import { checkKafka } from "./kafka.ts";
import { checkMarks, checkRoaming } from "./marks.ts";
import { checkSends } from "./sends.ts";

const CHECKS: readonly Check[] = [
	checkSends,
	checkChanges,
	checkMarks,
	checkRoaming,
	checkDevices,
	checkConnections,
	checkCounts,
	checkKafka,
	checkEffects,
];

export const examine = (evidence: Evidence): Finding[] => CHECKS.flatMap(check => check(evidence));

/** How many of each kind. */
export function countKinds(findings: readonly Finding[]): Partial<Record<Kind, number>> {
	return Object.fromEntries(
		[...Map.groupBy(findings, ({ kind }) => kind)].map(([kind, all]) => [kind, all.length]),
	);
}
