import type { Check, Finding } from "./finding.ts";

/** A mark is at least where it was acknowledged and where its user has sent, and at most where somebody asked for it. */
export const checkMarks: Check = ({ deeds, rows }) =>
	rows.members.flatMap(({ chatId, userId, readSeq, deliveredSeq, joinedSeq, hasLeft }): Finding[] => {
		if (hasLeft) return [];
		const own = deeds.filter(deed => deed.chatId === chatId && deed.by === userId);
		const reads = own.flatMap(deed => (deed.does === "read" ? deed : []));
		const sent = rows.messages.flatMap(row =>
			row.chatId === chatId && row.senderId === userId ? row.seq : [],
		);
		const furthest = Math.max(joinedSeq, ...sent);
		const sure = reads.filter(({ outcome }) => outcome === "ok");
		const least = Math.max(furthest, ...sure.map(({ seq, readSeq }) => Math.max(seq, readSeq ?? 0)));
		const most = Math.max(
			furthest,
			...reads.map(({ seq }) => seq),
			...sure.map(({ readSeq }) => readSeq ?? 0),
		);
		const findings: Finding[] = [];
		const backward = (what: string) =>
			findings.push({ kind: "backward", what: `${userId} in ${chatId}: ${what}` });
		if (readSeq < least) backward(`has read up to ${readSeq}, and ${least} was acknowledged`);
		if (readSeq > most) backward(`has read up to ${readSeq}, and nobody asked for more than ${most}`);
		if (deliveredSeq < readSeq) backward(`has read ${readSeq}, and was delivered ${deliveredSeq}`);
		for (const { seq, readSeq: answered } of sure)
			if (answered !== undefined && answered < seq) backward(`read ${seq} and was answered ${answered}`);
		return findings;
	});

/** Who came and went is where the last answer says, or where one whose outcome is unknown may have put them since. */
export const checkRoaming: Check = ({ deeds, rows }) => {
	const roams = deeds.filter(deed => deed.does === "join" || deed.does === "leave");
	const last = roams.findLast(({ outcome }) => outcome !== "failed");
	if (last?.outcome !== "ok") return [];
	// A worker that stood still does what it was asked before whenever it goes on.
	if (roams.some(({ does, outcome }) => outcome === "unknown" && does !== last.does)) return [];
	const row = rows.members.find(({ chatId, userId }) => chatId === last.chatId && userId === last.by);
	const isIn = row !== undefined && !row.hasLeft;
	return isIn === (last.does === "join") ? [] : [{ kind: "lost", what: `'${last.does}' was acknowledged` }];
};
