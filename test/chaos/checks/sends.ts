import { check } from "../../support/record.ts";
import { type Deed, isSend } from "../record.ts";
import type { Check, Finding, Kind } from "./finding.ts";

/** Every acknowledged send is stored once, as it was acknowledged, with its words; the places are dense, and so are heads. */
export const checkSends: Check = ({ deeds, rows }) => {
	const stored = rows.messages.map(({ chatId, clientId, id, seq }) => ({
		chat_id: chatId,
		client_id: clientId,
		id,
		seq,
	}));
	const sends = deeds.filter(isSend);
	const known = sends.map(send => ({ ...send, ...placeOf(send, rows.messages) }));
	const found = Object.entries(check(known, stored, [])).flatMap(([kind, all]) =>
		(all as string[]).map((what): Finding => ({ kind: kind as Kind, what })),
	);
	return [...found, ...checkWords(deeds, rows.messages), ...checkHeads(rows)];
};

type Messages = Parameters<Check>[0]["rows"]["messages"];

/** The SDK does not always say where a message stands: then it stands where it is. */
function placeOf({ outcome, id, chatId, clientId }: Extract<Deed, { does: "send" }>, messages: Messages) {
	if (outcome !== "ok" || id !== undefined) return {};
	const row = messages.find(row => row.chatId === chatId && row.clientId === clientId);
	return row ? { id: row.id, seq: row.seq } : {};
}

function checkWords(deeds: readonly Deed[], messages: Messages): Finding[] {
	const edited = new Set(deeds.flatMap(deed => (deed.does === "edit" ? deed.messageId : [])));
	const sends = new Map(deeds.filter(isSend).map(send => [`${send.chatId} ${send.clientId}`, send]));
	return messages.flatMap((row): Finding[] => {
		const send = sends.get(`${row.chatId} ${row.clientId}`);
		if (!send || row.isDeleted || edited.has(row.id)) return [];
		const isSame = row.content === send.content && row.senderId === send.by;
		return isSame
			? []
			: [{ kind: "lost", what: `${row.clientId} is stored with other words or another sender` }];
	});
}

function checkHeads({ heads, messages }: Parameters<Check>[0]["rows"]): Finding[] {
	return heads.flatMap(({ chatId, lastSeq, rev }): Finding[] => {
		const own = messages.filter(message => message.chatId === chatId);
		const findings: Finding[] = [];
		const wrong = (what: string) => findings.push({ kind: "misordered", what: `${chatId}: ${what}` });
		if (lastSeq !== own.length) wrong(`${own.length} messages, and lastSeq is ${lastSeq}`);
		if (own.some(message => message.rev > rev)) wrong(`a message is beyond rev ${rev}`);
		if (new Set(own.map(message => message.rev)).size < own.length) wrong("two messages share a rev");
		return findings;
	});
}
