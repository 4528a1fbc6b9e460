import { AUDITED, wrongEffects } from "../effects.ts";
import type { Check, Finding } from "./finding.ts";

/** Consumers have applied each committed event once, and nothing else. */
export const checkEffects: Check = ({ rows, effects }) => {
	const committed = new Set(rows.committed.map(({ id }) => id));
	const audited = rows.committed.filter(({ topics }) => topics.some(topic => AUDITED.includes(topic)));
	const findings: Finding[] = wrongEffects(
		effects,
		audited.map(({ id }) => id),
		rows.stored,
	).map(what => ({ kind: "misapplied", what }));
	for (const id of effects.audited.keys())
		if (!committed.has(id)) findings.push({ kind: "unfounded", what: `event ${id} in the audit log` });
	return findings;
};
