import type { Deed, Outcome } from "../record.ts";
import type { MessageRow } from "../rows.ts";
import type { Check, Finding } from "./finding.ts";

type Changing = Extract<Deed, { messageId: string }>;

const mayBe = (outcome: Outcome) => outcome !== "failed";

/** Edits, deletions and reactions end as the last that was acknowledged says, or as one whose outcome is unknown. */
export const checkChanges: Check = ({ deeds, rows }) => {
	const changes = deeds.filter((deed): deed is Changing => "messageId" in deed);
	const byMessage = Map.groupBy(changes, ({ messageId }) => messageId);
	return rows.messages.flatMap(row => checkMessage(row, byMessage.get(row.id) ?? []));
};

function checkMessage(row: MessageRow, changes: readonly Changing[]): Finding[] {
	const findings: Finding[] = [];
	const lost = (what: string) => findings.push({ kind: "lost", what: `${row.id}: ${what}` });
	const phantom = (what: string) => findings.push({ kind: "phantom", what: `${row.id}: ${what}` });
	for (const { does, outcome, rev } of changes)
		if (outcome === "ok" && (rev ?? 0) > row.rev)
			lost(`'${does}' was answered with rev ${rev}, it has ${row.rev}`);
	const deletions = changes.filter(({ does }) => does === "delete");
	if (!row.isDeleted && deletions.some(({ outcome }) => outcome === "ok")) lost("was deleted, and is there");
	if (row.isDeleted) {
		if (!deletions.some(({ outcome }) => mayBe(outcome))) phantom("is deleted, and nobody did it");
		if (row.content !== null || row.reactions.length > 0 || row.mentions.length > 0)
			phantom("is deleted, and has something left");
		return findings;
	}
	if (!wordsOf(changes).has(row.content) && changes.some(isSureEdit))
		lost("does not say what it was edited to");
	const edits = changes.flatMap(change =>
		change.does === "edit" && mayBe(change.outcome) ? change.content : [],
	);
	if (row.content?.startsWith("edited ") && !edits.includes(row.content)) phantom("says what nobody wrote");
	for (const key of new Set([...reactionsOf(changes), ...row.reactions])) {
		const allowed = standsOf(changes, key);
		const stands = row.reactions.includes(key);
		if (allowed.has(stands)) continue;
		if (stands) phantom(`has the reaction ${key}`);
		else lost(`lacks the reaction ${key}`);
	}
	return findings;
}

const isSureEdit = ({ does, outcome }: Changing) => does === "edit" && outcome === "ok";

/** What it may say: the last edit that is sure, or any whose place is not known. */
function wordsOf(changes: readonly Changing[]): Set<string | null> {
	const edits = changes.filter(change => change.does === "edit" && mayBe(change.outcome));
	return new Set(lastOf(edits).map(edit => (edit as Extract<Deed, { does: "edit" }>).content));
}

/** Of changes that replace each other those that may be the last. */
function lastOf(changes: readonly Changing[]): Changing[] {
	const placed = changes.filter(({ outcome, rev }) => outcome === "ok" && rev !== undefined);
	const last = Math.max(0, ...placed.map(({ rev }) => rev as number));
	return changes.filter(change => !placed.includes(change) || change.rev === last);
}

const keyOf = (change: Changing) =>
	change.does === "react" || change.does === "unreact" ? `${change.emoji} ${change.by}` : null;

const reactionsOf = (changes: readonly Changing[]) => changes.flatMap(change => keyOf(change) ?? []);

/** Whether a reaction may stand, or be gone. */
function standsOf(changes: readonly Changing[], key: string): Set<boolean> {
	const own = changes.filter(change => keyOf(change) === key && mayBe(change.outcome));
	const isSure = own.some(({ outcome }) => outcome === "ok");
	return new Set([...(isSure ? [] : [false]), ...lastOf(own).map(({ does }) => does === "react")]);
}
