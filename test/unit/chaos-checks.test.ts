import { expect, test } from "@jest/globals";
import { countKinds, examine } from "../chaos/checks/examine.ts";
import type { Evidence, Kind } from "../chaos/checks/finding.ts";
import type { Deed, Send } from "../chaos/record.ts";
import type { MessageRow } from "../chaos/rows.ts";

const asked = { by: "ann", chatId: "c", outcome: "ok" as const, at: 0, ms: 1, errors: 0 };

const send = (seq: number): Send => ({
	...asked,
	does: "send",
	clientId: `k${seq}`,
	content: `words ${seq}`,
	mentions: [],
	id: `m${seq}`,
	seq,
});

const row = (seq: number): MessageRow => ({
	chatId: "c",
	id: `m${seq}`,
	seq,
	rev: seq + 1,
	senderId: "ann",
	clientId: `k${seq}`,
	content: `words ${seq}`,
	mentions: [],
	isDeleted: false,
	reactions: [],
});

/** Ann says three things in a chat of hers and Ben's, who is told of each. */
function sound() {
	const seqs = [1, 2, 3];
	const told = [
		{ rev: 1, about: "c", seq: null },
		...seqs.map(seq => ({ rev: seq + 1, about: `m${seq}`, seq })),
	];
	const shown = seqs.map(seq => ({
		id: `m${seq}`,
		seq,
		content: `words ${seq}` as string | null,
		isDeleted: false,
		reactions: [] as string[],
	}));
	const published = [
		{ id: "e0", key: "c", rev: 1, about: "c", created: null as string | null, isDurable: true },
		...seqs.map(n => ({
			id: `e${n}`,
			key: "c",
			rev: n + 1,
			about: `m${n}`,
			created: `m${n}`,
			isDurable: true,
		})),
	];
	return {
		deeds: seqs.map(send) as Deed[],
		rows: {
			messages: seqs.map(row),
			members: [
				{ chatId: "c", userId: "ann", readSeq: 3, deliveredSeq: 3, joinedSeq: 0, hasLeft: false },
				{ chatId: "c", userId: "ben", readSeq: 0, deliveredSeq: 0, joinedSeq: 0, hasLeft: false },
			],
			heads: [{ chatId: "c", lastSeq: 3, rev: 4 }],
			stored: seqs.length,
			committed: published.map(({ id, key }) => ({ id, key, topics: ["chat.events"] })),
			deadLetters: [] as string[],
		},
		views: [
			{
				device: "ben's",
				userId: "ben",
				chats: new Map([["c", { rev: 4, lastSeq: 3, unread: 3, messages: shown }]]),
				connections: [new Map([["c", told]])],
				noticed: [] as string[],
				waiting: 0,
			},
		],
		inboxes: [{ userId: "ben", totalUnread: 3, chats: new Map([["c", { unread: 3, mentions: 0 }]]) }],
		published,
		topics: new Map([["chat.events", new Set(published.map(({ id }) => id))]]),
		effects: {
			audited: new Map(published.map(({ id }) => [id, 1])),
			counted: seqs.length,
			broken: [] as string[],
		},
	} satisfies Evidence;
}

type Sound = ReturnType<typeof sound>;

function kindsAfter(harm: (evidence: Sound) => void): string[] {
	const evidence = sound();
	harm(evidence);
	return Object.keys(countKinds(examine(evidence)));
}

const toldBen = ({ views }: Sound) => views[0]?.connections[0]?.get("c") ?? [];

test("where all agrees nothing is found", () => {
	expect(examine(sound())).toEqual([]);
});

test("an outcome that is unknown may be either", () => {
	const unknown = ({ deeds }: Sound) => {
		for (const deed of deeds) deed.outcome = "unknown";
		deeds.push({ ...send(9), outcome: "unknown" });
	};
	expect(kindsAfter(unknown)).toEqual([]);
});

const leave: Deed = { ...asked, by: "ben", does: "leave" };
const join: Deed = { ...asked, by: "ben", does: "join" };

test("what was asked for without an answer may be done after a later change", () => {
	expect(kindsAfter(({ deeds }) => deeds.push({ ...join, outcome: "unknown" }, leave))).toEqual([]);
});

const HARMS: [string, Kind, (evidence: Sound) => void][] = [
	["a send that is not stored", "lost", ({ deeds }) => deeds.push(send(4))],
	[
		"a send that was refused and is stored",
		"phantom",
		({ deeds }) => Object.assign(deeds[0] as Deed, { outcome: "failed" }),
	],
	[
		"other words than were sent",
		"lost",
		({ rows }) => Object.assign(rows.messages[0] as object, { content: "else" }),
	],
	[
		"an edit that is not stored",
		"lost",
		({ deeds }) => deeds.push({ ...asked, does: "edit", messageId: "m1", content: "new", rev: 2 }),
	],
	[
		"a reaction that is not stored",
		"lost",
		({ deeds }) => deeds.push({ ...asked, does: "react", messageId: "m1", emoji: "x", rev: 2 }),
	],
	["a member who left and is there", "lost", ({ deeds }) => deeds.push(join, leave)],
	["a reaction that nobody gave", "phantom", ({ rows }) => rows.messages[0]?.reactions.push("x ben")],
	[
		"a deletion that nobody asked for",
		"phantom",
		({ rows }) => Object.assign(rows.messages[0] as object, { isDeleted: true, content: null }),
	],
	["an event that was dropped", "unseen", evidence => toldBen(evidence).splice(1, 1)],
	["an end that was not heard", "unseen", evidence => toldBen(evidence).pop()],
	[
		"an event that was told twice",
		"doubled",
		evidence => toldBen(evidence).push({ rev: 4, about: "m3", seq: 3 }),
	],
	["two events in the wrong order", "misordered", evidence => toldBen(evidence).reverse()],
	[
		"a device that shows other words",
		"differing",
		({ views }) => Object.assign(views[0]?.chats.get("c")?.messages[0] as object, { content: "else" }),
	],
	["a device that lacks a message", "unseen", ({ views }) => views[0]?.chats.get("c")?.messages.splice(1, 1)],
	[
		"a mark behind one's own message",
		"backward",
		({ rows }) => Object.assign(rows.members[0] as object, { readSeq: 2 }),
	],
	[
		"a mark that was acknowledged further",
		"backward",
		({ deeds }) => deeds.push({ ...asked, by: "ben", does: "read", seq: 2, readSeq: 2 }),
	],
	[
		"an unread count that is wrong",
		"miscounted",
		({ inboxes }) => inboxes[0]?.chats.set("c", { unread: 2, mentions: 0 }),
	],
	[
		"a total that is no sum",
		"miscounted",
		({ inboxes }) => Object.assign(inboxes[0] as object, { totalUnread: 4 }),
	],
	[
		"a device that never gets its work done",
		"unfinished",
		({ views }) => Object.assign(views[0] as object, { waiting: 1 }),
	],
	[
		"an event that one of its topics lacks",
		"unpublished",
		({ topics }) => topics.get("chat.events")?.delete("e2"),
	],
	["an event that Kafka lacks", "unpublished", ({ published }) => published.pop()],
	["an event on Kafka that nobody committed", "unfounded", ({ rows }) => rows.committed.pop()],
	[
		"an event that a consumer could not take",
		"buried",
		({ rows }) => rows.deadLetters.push("audit: Unreadable: It is not JSON"),
	],
	["an event that is not in the audit log", "misapplied", ({ effects }) => effects.audited.delete("e2")],
	["an event that is there twice", "misapplied", ({ effects }) => effects.audited.set("e2", 2)],
	["an audited event that nobody committed", "unfounded", ({ effects }) => effects.audited.set("e9", 1)],
	["a chain that is broken", "misapplied", ({ effects }) => effects.broken.push("c, row 2: it was changed.")],
	[
		"a message that was counted twice",
		"misapplied",
		({ effects }) => Object.assign(effects, { counted: effects.counted + 1 }),
	],
	["events of a chat that are swapped on Kafka", "misordered", ({ published }) => published.reverse()],
];

test.each(HARMS)("the checker finds %s", (_, kind, harm) => {
	expect(kindsAfter(harm)).toContain(kind);
});

test("a revision that was read for a gap is told with the later one of the same message", () => {
	const evidence = sound();
	Object.assign(evidence.rows.messages[0] as object, { rev: 5, content: "new" });
	Object.assign(evidence.rows.heads[0] as object, { rev: 5 });
	evidence.deeds.push({ ...asked, does: "edit", messageId: "m1", content: "new", rev: 5 });
	evidence.published.push({ id: "e4", key: "c", rev: 5, about: "m1", created: null, isDurable: true });
	evidence.rows.committed.push({ id: "e4", key: "c", topics: ["chat.events"] });
	evidence.topics.get("chat.events")?.add("e4");
	evidence.effects.audited.set("e4", 1);
	const told = toldBen(evidence);
	told.splice(1, 1); // m1 as it was said; it comes once, as edited
	told.push({ rev: 5, about: "m1", seq: 1 });
	const seen = evidence.views[0]?.chats.get("c");
	Object.assign(seen as object, { rev: 5 });
	Object.assign(seen?.messages[0] as object, { content: "new" });
	expect(examine(evidence)).toEqual([]);
});
