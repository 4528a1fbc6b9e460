import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import type { Chat, Member, Role } from "../../contracts/chats.ts";
import type { Message } from "../../contracts/messages.ts";
import { goHome, ok, type Person, people } from "../support/people.ts";
import { ackCode, quietly, told, verdict } from "../support/verdict.ts";

type Cast = "owner" | "admin" | "moderator" | "member" | "other";

let cast: Record<Cast, Person>;
let newcomer: Person;
let chat: Chat;
let words: Message;

beforeAll(async () => {
	const [owner, admin, moderator, member, other, late] = await people(
		"owner",
		"admin",
		"moderator",
		"member",
		"other",
		"late",
	);
	cast = { owner, admin, moderator, member, other };
	newcomer = late;
});

beforeEach(async () => {
	const { owner, ...others } = cast;
	chat = await owner.group(...Object.values(others));
	await give("admin", "admin");
	await give("moderator", "moderator");
	words = await cast.other.say(chat.id, "by another");
});

afterAll(goHome);

const memberPath = (who: Person) => `/chats/${chat.id}/members/${who.id}`;
const later = () => new Date(Date.now() + 60_000).toISOString();

async function give(who: Cast, role: Role): Promise<void> {
	ok(await cast.owner.rest.patch(memberPath(cast[who]), { role }));
}

/** Who of the four may: `yes` or the code. */
async function whoMay(call: (who: Person) => Promise<string>): Promise<Record<string, string>> {
	const answers: Record<string, string> = {};
	for (const name of ["member", "moderator", "admin", "owner"] as const)
		answers[name] = (await call(cast[name])).replace(/^(200|201|204|ok)$/, "yes").replace(/^\d+ /, "");
	return answers;
}

const from = (least: Role) => {
	const order = ["member", "moderator", "admin", "owner"] as const;
	return Object.fromEntries(order.map((role, i) => [role, i >= order.indexOf(least) ? "yes" : "FORBIDDEN"]));
};

test("a moderator and up pin, over both doors", async () => {
	expect(await whoMay(async who => verdict(await who.rest.put(`/messages/${words.id}/pin`)))).toEqual(
		from("moderator"),
	);
	expect(
		await whoMay(async who => ackCode(await who.sender(), "message:unpin", { messageId: words.id })),
	).toEqual(from("moderator"));
});

test("a moderator and up delete what is others'; nobody edits it", async () => {
	const edit = (who: Person) => who.rest.patch(`/messages/${words.id}`, { content: "twisted" });
	expect(await whoMay(async who => verdict(await edit(who)))).toEqual({
		member: "FORBIDDEN",
		moderator: "FORBIDDEN",
		admin: "FORBIDDEN",
		owner: "FORBIDDEN",
	});
	expect(await whoMay(async who => verdict(await who.rest.delete(`/messages/${words.id}`)))).toEqual(
		from("moderator"),
	);
});

test("an admin and up rename and add; only an owner deletes", async () => {
	expect(
		await whoMay(async who => verdict(await who.rest.patch(`/chats/${chat.id}`, { name: "n" }))),
	).toEqual(from("admin"));
	expect(
		await whoMay(async who =>
			verdict(await who.rest.post(`/chats/${chat.id}/members`, { userIds: [newcomer.id] })),
		),
	).toEqual(from("admin"));
	expect(await whoMay(async who => verdict(await who.rest.delete(`/chats/${chat.id}`)))).toEqual(
		from("owner"),
	);
});

test.each<[Cast, Cast[]]>([
	["member", []],
	["moderator", ["member", "other"]],
	["admin", ["member", "other", "moderator"]],
	["owner", ["member", "other", "moderator", "admin"]],
])("a %s silences those below: %j", async (actor, below) => {
	for (const target of (["member", "other", "moderator", "admin", "owner"] as const).filter(
		t => t !== actor,
	)) {
		const answer = await cast[actor].rest.patch(memberPath(cast[target]), { silencedUntil: later() });
		expect([target, verdict(answer)]).toEqual([target, below.includes(target) ? "200" : "403 FORBIDDEN"]);
	}
});

test("an admin gives roles below their own, to those below their own", async () => {
	const set = async (who: Cast, role: Role) =>
		verdict(await cast.admin.rest.patch(memberPath(cast[who]), { role }));
	expect(await set("member", "moderator")).toBe("200");
	expect(await set("moderator", "member")).toBe("200");
	expect(await set("other", "admin")).toBe("403 FORBIDDEN");
	expect(await set("other", "owner")).toBe("403 FORBIDDEN");
	expect(await set("owner", "member")).toBe("403 FORBIDDEN");
	expect(await set("admin", "owner")).toBe("403 FORBIDDEN");
	const add = (role: Role) =>
		cast.admin.rest.post(`/chats/${chat.id}/members`, { userIds: [newcomer.id], role });
	expect(verdict(await add("owner"))).toBe("403 FORBIDDEN");
	expect(verdict(await add("admin"))).toBe("403 FORBIDDEN");
	expect(verdict(await add("moderator"))).toBe("201");
});

test("an admin removes those below; a moderator nobody", async () => {
	const remove = async (actor: Cast, who: Cast) =>
		verdict(await cast[actor].rest.delete(memberPath(cast[who])));
	expect(await remove("moderator", "member")).toBe("403 FORBIDDEN");
	expect(await remove("admin", "owner")).toBe("403 FORBIDDEN");
	await give("other", "admin");
	expect(await remove("admin", "other")).toBe("403 FORBIDDEN");
	expect(await remove("admin", "moderator")).toBe("204");
	expect(await remove("admin", "moderator")).toBe("404 NOT_FOUND");
	expect(await remove("owner", "other")).toBe("204");
});

test("a role is told as one change of the member, and once", async () => {
	const socket = await cast.member.receiver();
	const { rev } = ok<Chat>(await cast.owner.rest.get(`/chats/${chat.id}`));
	const answer = await cast.owner.rest.patch<Member>(memberPath(cast.member), { role: "moderator" });
	expect(answer.body).toMatchObject({ userId: cast.member.id, role: "moderator", silencedUntil: null });
	const change = await socket.waitFor("chat:member-updated");
	expect(change).toMatchObject({ chatId: chat.id, rev: rev + 1, member: { role: "moderator" } });
	ok(await cast.owner.rest.patch(memberPath(cast.member), { role: "moderator" }));
	await quietly();
	expect(told(socket, { id: chat.id, rev })).toEqual(["chat:member-updated"]);
});

test("T4: who is silenced sends no more at once, by any node and door, and may again when it ends", async () => {
	const socket = await cast.member.sender();
	const send = async () => [
		verdict(await cast.member.rest.post(`/chats/${chat.id}/messages`, { content: "hi" })),
		verdict(await cast.member.rest.post(`/chats/${chat.id}/messages`, { content: "hi" })),
		await ackCode(socket, "message", { chatId: chat.id, content: "hi" }),
	];
	expect(await send()).toEqual(["201", "201", "ok"]);
	const silence = async (silencedUntil: string | null) =>
		ok(await cast.moderator.rest.patch(memberPath(cast.member), { silencedUntil }));
	await silence(later());
	expect(await send()).toEqual(["403 FORBIDDEN", "403 FORBIDDEN", "FORBIDDEN"]);
	expect(verdict(await cast.member.rest.get(`/chats/${chat.id}/messages`))).toBe("200");
	await silence(null);
	expect(await send()).toEqual(["201", "201", "ok"]);
	await silence(new Date(Date.now() + 4_000).toISOString());
	expect((await send())[0]).toBe("403 FORBIDDEN");
	await quietly(4_100);
	expect(await send()).toEqual(["201", "201", "ok"]);
});

test("T4: who is demoted has lost the right at once, by any node", async () => {
	for (const socket of [await cast.moderator.sender(), await cast.moderator.receiver()])
		expect(await ackCode(socket, "message:pin", { messageId: words.id })).toBe("ok");
	await give("moderator", "member");
	for (const socket of [await cast.moderator.sender(), await cast.moderator.receiver()])
		expect(await ackCode(socket, "message:unpin", { messageId: words.id })).toBe("FORBIDDEN");
});

test("T4: who is removed can do nothing more at once, by any node and door", async () => {
	const [first, last] = [await cast.member.sender(), await cast.member.receiver()];
	await cast.member.say(chat.id, "still here");
	ok(await cast.owner.rest.delete(memberPath(cast.member)));
	for (const socket of [first, last]) {
		expect(await ackCode(socket, "message", { chatId: chat.id, content: "hi" })).toBe("NOT_FOUND");
		expect(await ackCode(socket, "message:react", { messageId: words.id, emoji: "👍" })).toBe("NOT_FOUND");
		expect(await ackCode(socket, "chat:join", { chatId: chat.id })).toBe("NOT_FOUND");
		expect(await ackCode(socket, "chat:messages", { chatId: chat.id })).toBe("NOT_FOUND");
	}
});
