import { expect, test } from "@jest/globals";
import {
	actionsOn,
	givableRoles,
	may,
	type Right,
	type Standing,
	type Subject,
	standingOf,
	whyNotSend,
} from "../../client/react/message/rights.ts";
import { CHAT_TYPES, ROLES } from "../../contracts/chats.ts";
import * as server from "../../lib/rights.ts";

const NOW = "2030-01-01T12:00:00.000Z";
const LATER = "2030-01-01T13:00:00.000Z";
const EARLIER = "2030-01-01T11:00:00.000Z";

const everyStanding: Standing[] = CHAT_TYPES.flatMap(chatType => {
	const rulers = chatType === "thread" ? (["direct", "group", "channel"] as const) : [chatType];
	return rulers.flatMap(ruledBy =>
		[null, ...ROLES].flatMap(role =>
			[true, false].flatMap(announceOnly =>
				[null, EARLIER, LATER].map(silencedUntil => ({
					chatType,
					ruledBy,
					role,
					announceOnly,
					silencedUntil,
				})),
			),
		),
	);
});

test("the kit offers exactly what the server allows, for everyone in every kind of chat", () => {
	const rights = (Object.keys(server.RIGHTS) as server.Right[]).filter(right => right !== "read");
	const differences = everyStanding
		// No direct chat is announce-only, nor is anyone silenced in one.
		.filter(
			({ ruledBy, announceOnly, silencedUntil }) => ruledBy !== "direct" || (!announceOnly && !silencedUntil),
		)
		.flatMap(standing =>
			rights
				.filter(right => may(right as Right, standing, NOW) !== server.may(right, standing, NOW))
				.map(right => ({ right, ...standing })),
		);
	expect(differences).toEqual([]);
	expect(everyStanding.length * rights.length).toBeGreaterThan(1_000);
});

test("roles that may be given are those that the server lets one give", () => {
	for (const role of ROLES) {
		for (const target of ROLES) {
			const standing = standingOf(
				{ type: "group", announceOnly: false },
				{ role, silencedUntil: null, leftAt: null },
			);
			const allowed = ROLES.filter(
				given =>
					server.may(given === "owner" ? "handOver" : "changeRole", standing, NOW) &&
					server.outranks(role, target) &&
					server.mayGive(role, given),
			);
			expect({ role, target, given: givableRoles(standing, target, NOW) }).toEqual({
				role,
				target,
				given: allowed,
			});
		}
	}
});

const group = { type: "group", announceOnly: false } as const;
const as = (role: Standing["role"], more: Partial<Standing> = {}): Standing => ({
	...standingOf(group, role && { role, silencedUntil: null, leftAt: null }),
	...more,
});
const message: Subject = {
	seq: 5,
	isOwn: false,
	isDeleted: false,
	isPinned: false,
	type: "text",
	failed: null,
	isUnread: false,
	receipts: true,
};

test("a member may do with others' messages what changes nothing of them", () => {
	expect(actionsOn(message, as("member"), NOW)).toEqual(["react", "reply", "thread", "copy", "forward"]);
	expect(actionsOn({ ...message, isUnread: true }, as("member"), NOW)).toContain("read");
});

test("one's own is edited, deleted, and looked at by receipts", () => {
	expect(actionsOn({ ...message, isOwn: true }, as("member"), NOW)).toEqual([
		"react",
		"reply",
		"thread",
		"edit",
		"copy",
		"forward",
		"receipts",
		"delete",
	]);
	expect(actionsOn({ ...message, isOwn: true, receipts: false }, as("member"), NOW)).not.toContain(
		"receipts",
	);
	expect(actionsOn({ ...message, isOwn: true, type: "image" }, as("member"), NOW)).not.toContain("edit");
});

test("a moderator pins and deletes what is others'", () => {
	expect(actionsOn(message, as("moderator"), NOW)).toEqual(expect.arrayContaining(["pin", "delete"]));
	expect(actionsOn({ ...message, isPinned: true }, as("moderator"), NOW)).toContain("unpin");
});

test("who is silenced reacts and reads, and does not reply", () => {
	const actions = actionsOn(message, as("member", { silencedUntil: LATER }), NOW);
	expect(actions).toContain("react");
	expect(actions).not.toContain("reply");
});

test("what the server does not have yet is only edited, copied or deleted", () => {
	expect(actionsOn({ ...message, seq: null, isOwn: true, receipts: false }, as("member"), NOW)).toEqual([
		"edit",
		"copy",
		"delete",
	]);
});

test("what failed is sent again or given up; what is deleted is left alone", () => {
	const failed = { ...message, seq: null, isOwn: true };
	expect(actionsOn({ ...failed, failed: { retryable: true } }, as("member"), NOW)).toEqual([
		"retry",
		"copy",
		"discard",
	]);
	expect(actionsOn({ ...failed, failed: { retryable: false } }, as("member"), NOW)).toEqual([
		"copy",
		"discard",
	]);
	expect(actionsOn({ ...message, isDeleted: true }, as("owner"), NOW)).toEqual([]);
});

test("no thread hangs on a thread, and its rights are those in its parent", () => {
	const standing = standingOf({ type: "thread", announceOnly: false }, null, {
		chat: { type: "channel", announceOnly: true },
		self: { role: "member", silencedUntil: null, leftAt: null },
	});
	expect(whyNotSend(standing, NOW)).toBeNull();
	expect(actionsOn(message, standing, NOW)).toEqual(["react", "reply", "copy", "forward"]);
});

test("the reason why one may not write is told", () => {
	expect(whyNotSend(as(null), NOW)).toEqual({ why: "not-member" });
	expect(whyNotSend(as("member", { silencedUntil: LATER }), NOW)).toEqual({ why: "silenced", until: LATER });
	expect(whyNotSend(as("member", { silencedUntil: EARLIER }), NOW)).toBeNull();
	expect(whyNotSend(as("member", { announceOnly: true }), NOW)).toEqual({ why: "announce-only" });
	expect(whyNotSend(as("moderator", { announceOnly: true }), NOW)).toBeNull();
	const left = standingOf(group, { role: "member", silencedUntil: null, leftAt: EARLIER });
	expect(whyNotSend(left, NOW)).toEqual({ why: "not-member" });
});
