import type { Rows } from "../rows.ts";
import type { Check, Finding } from "./finding.ts";

/** Unread is lastSeq − readSeq, is what a recount of the rows gives, and is what the inbox answers; so are mentions. */
export const checkCounts: Check = ({ rows, inboxes }) =>
	inboxes.flatMap(({ userId, totalUnread, chats }) => {
		const findings: Finding[] = [];
		const wrong = (what: string) => findings.push({ kind: "miscounted", what: `${userId}: ${what}` });
		for (const [chatId, answered] of chats) {
			const recounted = recount(rows, chatId, userId);
			if (!recounted) wrong(`the inbox has ${chatId}, where they are no member`);
			else if (answered.unread !== recounted.unread || recounted.unread !== recounted.distance)
				wrong(`${chatId}: ${answered.unread} unread, ${recounted.unread} rows, ${recounted.distance} places`);
			else if (answered.mentions !== recounted.mentions)
				wrong(`${chatId}: ${answered.mentions} mentions, ${recounted.mentions} rows`);
		}
		const sum = [...chats.values()].reduce((total, { unread }) => total + unread, 0);
		if (sum !== totalUnread) wrong(`${totalUnread} unread in all, and ${sum} in the chats`);
		const member = rows.members.filter(row => row.userId === userId && !row.hasLeft);
		for (const { chatId } of member) if (!chats.has(chatId)) wrong(`the inbox lacks ${chatId}`);
		return findings;
	});

function recount({ messages, members, heads }: Rows, chatId: string, userId: string) {
	const member = members.find(row => row.chatId === chatId && row.userId === userId && !row.hasLeft);
	const head = heads.find(row => row.chatId === chatId);
	if (!member || !head) return null;
	const unread = messages.filter(row => row.chatId === chatId && row.seq > member.readSeq);
	return {
		unread: unread.length,
		distance: head.lastSeq - member.readSeq,
		mentions: unread.filter(({ mentions }) => mentions.includes(userId)).length,
	};
}
