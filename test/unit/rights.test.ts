import { describe, expect, test } from "@jest/globals";
import { CHAT_TYPES, type ChatType, ROLES, type Role } from "../../contracts/chats.ts";
import { may, mayGive, outranks, RIGHTS, type Right, type Standing } from "../../lib/rights.ts";

const NOW = "2026-01-01T12:00:00.000Z";
const EARLIER = "2026-01-01T11:59:59.999Z";
const LATER = "2026-01-01T12:00:00.001Z";

const standing = (over: Partial<Standing>): Standing => ({
	chatType: "group",
	ruledBy: "group",
	role: "member",
	announceOnly: false,
	silencedUntil: null,
	...over,
});

/** The contract's table, once more and by hand: who holds each right where roles count. */
const HOLDERS: Record<Right, Role[]> = {
	read: ["member", "moderator", "admin", "owner"],
	send: ["member", "moderator", "admin", "owner"],
	react: ["member", "moderator", "admin", "owner"],
	makeThread: ["member", "moderator", "admin", "owner"],
	editOwn: ["member", "moderator", "admin", "owner"],
	deleteOwn: ["member", "moderator", "admin", "owner"],
	mute: ["member", "moderator", "admin", "owner"],
	leave: ["member", "moderator", "admin", "owner"],
	pin: ["moderator", "admin", "owner"],
	deleteOthers: ["moderator", "admin", "owner"],
	silence: ["moderator", "admin", "owner"],
	update: ["admin", "owner"],
	addMembers: ["admin", "owner"],
	removeMember: ["admin", "owner"],
	changeRole: ["admin", "owner"],
	deleteChat: ["owner"],
	handOver: ["owner"],
};

const IN_DIRECT: Right[] = ["read", "send", "react", "makeThread", "editOwn", "deleteOwn", "mute", "pin"];
const IN_THREAD_OF_DIRECT: Right[] = [
	"read",
	"send",
	"react",
	"editOwn",
	"deleteOwn",
	"mute",
	"leave",
	"pin",
];

const rights = Object.keys(RIGHTS) as Right[];

/** A thread is ruled by what it hangs on. */
const PLACES: [chatType: ChatType, ruledBy: ChatType][] = [
	["group", "group"],
	["channel", "channel"],
	["thread", "group"],
	["thread", "channel"],
];

describe("T2: the table of rights", () => {
	test("names every right, and every kind of place", () => {
		expect(Object.keys(HOLDERS).sort()).toEqual([...rights].sort());
		expect(new Set([...PLACES.map(([type]) => type), "direct"])).toEqual(new Set(CHAT_TYPES));
	});

	const cells = rights.flatMap(right =>
		PLACES.flatMap(([chatType, ruledBy]) => ROLES.map(role => ({ right, chatType, ruledBy, role }))),
	);

	test.each(cells)("$right as $role in a $chatType of a $ruledBy", ({ right, chatType, ruledBy, role }) => {
		expect(may(right, standing({ chatType, ruledBy, role }), NOW)).toBe(HOLDERS[right].includes(role));
	});

	test.each(rights)("%s is nobody's who is not in the channel", right => {
		expect(may(right, standing({ chatType: "channel", ruledBy: "channel", role: null }), NOW)).toBe(false);
	});

	test.each(rights.flatMap(right => ROLES.map(role => ({ right, role }))))(
		"$right in a direct chat does not depend on being $role",
		({ right, role }) => {
			const direct = standing({ chatType: "direct", ruledBy: "direct", role });
			expect(may(right, direct, NOW)).toBe(IN_DIRECT.includes(right));
			const thread = standing({ chatType: "thread", ruledBy: "direct", role });
			expect(may(right, thread, NOW)).toBe(IN_THREAD_OF_DIRECT.includes(right));
		},
	);
});

describe("silence and announcements", () => {
	test.each(rights)("a silenced member keeps the right to %s, unless it is to send", right => {
		const silenced = standing({ role: "admin", silencedUntil: LATER });
		expect(may(right, silenced, NOW)).toBe(right !== "send" && HOLDERS[right].includes("admin"));
	});

	test("a silence is over at its time", () => {
		expect(may("send", standing({ silencedUntil: EARLIER }), NOW)).toBe(true);
		expect(may("send", standing({ silencedUntil: NOW }), NOW)).toBe(true);
	});

	test.each(ROLES)("a %s of an announce-only channel may send from moderator up", role => {
		const place = standing({ chatType: "channel", ruledBy: "channel", role, announceOnly: true });
		expect(may("send", place, NOW)).toBe(role !== "member");
		expect(may("react", place, NOW)).toBe(true);
		expect(may("makeThread", place, NOW)).toBe(true);
	});

	test("members of an announce-only channel write in its threads", () => {
		const thread = standing({ chatType: "thread", ruledBy: "channel", announceOnly: true });
		expect(may("send", thread, NOW)).toBe(true);
	});
});

describe("T23: acting on others", () => {
	const pairs = ROLES.flatMap(actor => ROLES.map(target => ({ actor, target })));

	test.each(pairs)("$actor on $target", ({ actor, target }) => {
		const below: Record<Role, Role[]> = {
			member: [],
			moderator: ["member"],
			admin: ["member", "moderator"],
			owner: ["member", "moderator", "admin", "owner"],
		};
		expect(outranks(actor, target)).toBe(below[actor].includes(target));
		expect(mayGive(actor, target)).toBe(below[actor].includes(target));
	});
});
