import { isDeepStrictEqual } from "node:util";
import type { SeenChat, SeenMessage, View } from "../record.ts";
import type { HeadRow, MessageRow, Rows } from "../rows.ts";
import type { Check, Finding } from "./finding.ts";

/** Each device ends with the log as it is stored and nothing left to do, and noticed nothing on the way. */
export const checkDevices: Check = ({ rows, views }) => views.flatMap(view => checkView(view, rows));

function checkView(view: View, rows: Rows): Finding[] {
	const { device, userId } = view;
	const findings = view.noticed.map((what): Finding => ({ kind: "noticed", what: `${device} ${what}` }));
	if (view.waiting > 0)
		findings.push({ kind: "unfinished", what: `${device} still waits for ${view.waiting} of its calls` });
	for (const head of rows.heads) {
		const member = rows.members.find(row => row.chatId === head.chatId && row.userId === userId);
		if (!member || member.hasLeft) continue;
		const seen = view.chats.get(head.chatId);
		if (!seen) {
			findings.push({ kind: "unseen", what: `${device} does not know ${head.chatId}` });
			continue;
		}
		const messages = rows.messages.filter(({ chatId }) => chatId === head.chatId);
		const of = checkChat(seen, head, messages, head.lastSeq - member.readSeq);
		findings.push(...of.map(({ kind, what }) => ({ kind, what: `${device} in ${head.chatId}: ${what}` })));
	}
	return findings;
}

function checkChat(
	seen: SeenChat,
	head: HeadRow,
	messages: readonly MessageRow[],
	unread: number,
): Finding[] {
	const findings: Finding[] = [];
	const differs = (what: string) => findings.push({ kind: "differing", what });
	if (seen.rev !== head.rev) differs(`is at rev ${seen.rev} of ${head.rev}`);
	if (seen.lastSeq !== head.lastSeq) differs(`knows ${seen.lastSeq} of ${head.lastSeq} messages`);
	if (seen.unread !== unread)
		findings.push({ kind: "miscounted", what: `shows ${seen.unread} unread of ${unread}` });
	const seqs = seen.messages.map(({ seq }) => seq);
	if (new Set(seqs).size < seqs.length) findings.push({ kind: "doubled", what: "shows a message twice" });
	const shown = new Map(seen.messages.map(message => [message.seq, message]));
	const from = Math.min(...seqs);
	for (const row of messages) {
		const message = shown.get(row.seq);
		if (message && !isDeepStrictEqual(message, asSeen(row))) differs(`${row.seq} is not as it is stored`);
		if (!message && row.seq >= from) findings.push({ kind: "unseen", what: `lacks ${row.seq}` });
	}
	return findings;
}

/** A stored message as a device shows it. */
function asSeen({ id, seq, content, isDeleted, reactions }: MessageRow): SeenMessage {
	const byEmoji = Map.groupBy(reactions, reaction => reaction.split(" ")[0] ?? "");
	return {
		id,
		seq,
		content,
		isDeleted,
		reactions: [...byEmoji].map(([emoji, all]) => `${emoji} ${all.length}`).sort(),
	};
}
