/**
 * What clients did and saw under faults, and the checker that runs over it afterwards. An operation ends as `ok`
 * (acknowledged), `failed` (refused: it did not happen), or `unknown` (no answer: it may have happened).
 */
export interface Operation {
	chatId: string;
	clientId: string;
	outcome: "ok" | "failed" | "unknown";
	/** What refused it. */
	code?: string;
	/** What the acknowledgement said. */
	id?: string;
	seq?: number;
}

/** A message as it stands in the database. */
export interface Stored {
	chat_id: string;
	client_id: string;
	id: string;
	seq: number;
}

export interface Findings {
	/** Acknowledged, and not stored, or stored under another id or seq. */
	lost: string[];
	/** Stored though refused, or though nobody sent it. */
	phantom: string[];
	/** Stored, or shown to one device, twice. */
	doubled: string[];
	/** `seq` not dense from 1, or shown to a device out of order. */
	misordered: string[];
	/** Stored, and not shown to a device. */
	unseen: string[];
}

/** @param shown by device, by chat: the `seq` of each message in the order in which it was shown */
export function check(
	operations: readonly Operation[],
	stored: readonly Stored[],
	shown: readonly Map<string, number[]>[],
): Findings {
	const findings: Findings = { lost: [], phantom: [], doubled: [], misordered: [], unseen: [] };
	const byKey = new Map<string, Stored>();
	const byChat = new Map<string, number[]>();
	for (const row of stored) {
		const key = `${row.chat_id} ${row.client_id}`;
		if (byKey.has(key)) findings.doubled.push(`${key} is stored twice`);
		byKey.set(key, row);
		byChat.set(row.chat_id, [...(byChat.get(row.chat_id) ?? []), row.seq]);
	}
	const sent = new Map(operations.map(operation => [`${operation.chatId} ${operation.clientId}`, operation]));
	for (const [key, { outcome, code, id, seq }] of sent) {
		const row = byKey.get(key);
		if (outcome === "ok" && (!row || row.id !== id || row.seq !== seq))
			findings.lost.push(`${key} was acknowledged`);
		if (outcome === "failed" && row) findings.phantom.push(`${key} was refused as ${code}`);
	}
	for (const key of byKey.keys()) if (!sent.has(key)) findings.phantom.push(`${key} was never sent`);
	for (const [chatId, seqs] of byChat) {
		const sorted = [...seqs].sort((a, b) => a - b);
		if (sorted.some((seq, i) => seq !== i + 1)) findings.misordered.push(`${chatId} is not dense`);
	}
	for (const [n, device] of shown.entries()) checkDevice(`device ${n}`, device, byChat, findings);
	return findings;
}

function checkDevice(
	name: string,
	device: Map<string, number[]>,
	stored: Map<string, number[]>,
	findings: Findings,
): void {
	for (const [chatId, seqs] of stored) {
		const seen = device.get(chatId) ?? [];
		if (new Set(seen).size !== seen.length) findings.doubled.push(`${name} saw a message of ${chatId} twice`);
		if (seen.some((seq, i) => i > 0 && seq < (seen[i - 1] as number)))
			findings.misordered.push(`${name} in ${chatId}`);
		const missing = seqs.filter(seq => !seen.includes(seq));
		if (missing.length > 0) findings.unseen.push(`${name} lacks ${missing.length} of ${chatId}`);
	}
}

/** What a run must end with. */
export const NOTHING: Findings = { lost: [], phantom: [], doubled: [], misordered: [], unseen: [] };
