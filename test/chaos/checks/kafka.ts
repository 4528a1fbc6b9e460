import type { Published } from "../record.ts";
import type { CommittedEvent, HeadRow } from "../rows.ts";
import type { Check, Finding } from "./finding.ts";

/** Kafka has every committed event and no other, of each chat the first occurrences in order, and each could be applied. */
export const checkKafka: Check = ({ rows, published, topics }) => {
	const findings: Finding[] = rows.deadLetters.map(what => ({ kind: "buried", what }));
	const committed = new Set(rows.committed.map(({ id }) => id));
	findings.push(...checkTopics(rows.committed, topics));
	const seen = new Set<string>();
	const lastRevs = new Map<string, number>();
	for (const { id, key, rev, isDurable } of published) {
		if (seen.has(id)) continue; // a repetition may be anywhere
		seen.add(id);
		if (!committed.has(id)) findings.push({ kind: "unfounded", what: `event ${id} of ${key}` });
		if (!isDurable) continue;
		const before = lastRevs.get(key) ?? 0;
		if (rev < before)
			findings.push({ kind: "misordered", what: `on Kafka rev ${rev} of ${key} is after ${before}` });
		lastRevs.set(key, Math.max(before, rev));
	}
	findings.push(...leftOut(rows.heads, published));
	const created = new Set(published.flatMap(event => event.created ?? []));
	const stored = new Set(rows.messages.map(({ id }) => id));
	for (const id of stored)
		if (!created.has(id)) findings.push({ kind: "unpublished", what: `message ${id}` });
	for (const id of created) if (!stored.has(id)) findings.push({ kind: "unfounded", what: `message ${id}` });
	return findings;
};

/** Each topic has the events that were committed for it, and no other. */
function checkTopics(
	committed: readonly CommittedEvent[],
	topics: ReadonlyMap<string, ReadonlySet<string>>,
): Finding[] {
	return [...topics].flatMap(([topic, onKafka]): Finding[] => {
		const wanted = new Set(committed.flatMap(event => (event.topics.includes(topic) ? event.id : [])));
		return [
			...[...wanted.difference(onKafka)].map(id => ({
				kind: "unpublished" as const,
				what: `event ${id} in ${topic}`,
			})),
			...[...onKafka]
				.filter(id => !wanted.has(id))
				.map(id => ({ kind: "unfounded" as const, what: `event ${id} in ${topic}` })),
		];
	});
}

/** Each revision has its event, from the chat's making on, which is told with the last of its own. */
function leftOut(heads: readonly HeadRow[], published: readonly Published[]): Finding[] {
	const durable = Map.groupBy(
		published.filter(({ isDurable }) => isDurable),
		({ key }) => key,
	);
	return heads.flatMap(({ chatId, rev: last }) => {
		const revs = new Set((durable.get(chatId) ?? []).map(({ rev }) => rev));
		const findings: Finding[] = [];
		for (let rev = Math.min(last, ...revs); rev <= last; rev++)
			if (!revs.has(rev)) findings.push({ kind: "unpublished", what: `rev ${rev} of ${chatId}` });
		return findings;
	});
}
