import type { Connection, Published, Told } from "../record.ts";
import type { HeadRow } from "../rows.ts";
import type { Check, Finding } from "./finding.ts";

/** Nobody knows what changed with that revision. */
const UNKNOWN = "?";

/**
 * On each connection the revisions of a chat rise, each message is told as new once, and no revision is left out but
 * one whose thing is told with a later one: as it is read for a gap.
 */
export const checkConnections: Check = ({ views, published, rows }) => {
	const about = aboutOf(published);
	return views.flatMap(({ device, connections }) => [
		...checkEnd(device, connections.at(-1), rows.heads),
		...connections.flatMap((connection, n) =>
			[...connection].flatMap(([chatId, told]) =>
				checkTold(told, rev => about.get(`${chatId} ${rev}`) ?? UNKNOWN).map(({ kind, what }) => ({
					kind,
					what: `${device}, connection ${n + 1}, ${chatId}: ${what}`,
				})),
			),
		),
	]);
};

/** The connection that is there at the end has heard the last that happened in each chat. */
function checkEnd(device: string, last: Connection | undefined, heads: readonly HeadRow[]): Finding[] {
	if (!last) return [];
	const deaf = heads.filter(({ chatId, rev }) => (last.get(chatId)?.at(-1)?.rev ?? 0) < rev);
	return deaf.map(({ chatId }) => ({ kind: "unseen", what: `${device} did not hear the end of ${chatId}` }));
}

function aboutOf(published: readonly Published[]): Map<string, string> {
	const durable = published.filter(({ isDurable }) => isDurable);
	return new Map(durable.map(({ key, rev, about }) => [`${key} ${rev}`, about]));
}

function checkTold(told: readonly Told[], aboutOfRev: (rev: number) => string): Finding[] {
	const findings: Finding[] = [];
	const created = new Set<number>();
	/** By thing, the last revision that it was told with. */
	const lastRevs = new Map(told.map(({ about, rev }) => [about, rev]));
	let before = told[0]?.rev ?? 0;
	for (const [i, { rev, seq }] of told.entries()) {
		if (i > 0 && rev === before) findings.push({ kind: "doubled", what: `rev ${rev} was told twice` });
		else if (rev < before) findings.push({ kind: "misordered", what: `rev ${rev} was told after ${before}` });
		for (let left = before + 1; left < rev; left++)
			if ((lastRevs.get(aboutOfRev(left)) ?? 0) < left)
				findings.push({ kind: "unseen", what: `rev ${left} was never told` });
		if (seq !== null && created.has(seq))
			findings.push({ kind: "doubled", what: `${seq} was told as new twice` });
		if (seq !== null) created.add(seq);
		before = Math.max(before, rev);
	}
	return findings;
}
