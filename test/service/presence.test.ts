import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Presence } from "../../contracts/presence.ts";
import * as presence from "../../contracts/presence.ts";

// Before anything reads the configuration.
process.env.CHAT_PRESENCE_TTL = "5";
const { codeOf, testBroker } = await import("../support/broker.ts");
const { newId } = await import("../../lib/ids.ts");
const { default: presenceService } = await import("../../services/presence/presence.service.ts");

/** Who shares a chat with whom, as the chats service would say. */
const sharing = new Map<string, string[]>();
const chats = {
	name: "chats",
	actions: {
		sharing: (ctx: { params: { userId: string; userIds: string[] } }) =>
			ctx.params.userIds.filter(userId => sharing.get(ctx.params.userId)?.includes(userId)),
	},
};

let t: Awaited<ReturnType<typeof testBroker>>;
let heard: { users: Presence[] }[];
beforeAll(async () => {
	t = await testBroker(presenceService, chats);
	heard = t.heard("presence.changed");
});
afterAll(() => t.stop());

const sleep = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));
const nobody = () => t.as("");
const statuses = (userId: string) =>
	heard.flatMap(({ users }) => users.filter(user => user.userId === userId)).map(({ status }) => status);

async function until(done: () => boolean, ms = 15_000) {
	for (let waited = 0; !done() && waited < ms; waited += 50) await sleep(50);
}

function person() {
	const userId = newId();
	const lease = async (given: { connectionId: string; idle?: boolean; ended?: boolean }) =>
		(await nobody()(presence.leases, { leases: [{ userId, ...given }] }))[0];
	const device = (connectionId: string) => ({
		beat: (idle = false) => lease({ connectionId, idle }),
		close: () => lease({ connectionId, ended: true }),
		choose: (status: presence.Status, text?: string | null) =>
			t.as(userId, { socketId: connectionId })(presence.set, { status, text }),
	});
	return { userId, device, rest: t.as(userId, { sessionId: newId() }) };
}

test("transitions are announced, heartbeats are not", async () => {
	const { userId, device } = person();
	const phone = device("phone");
	expect(await phone.beat()).toEqual({ userId, status: "online", text: null, lastSeenAt: null });
	await phone.beat();
	await phone.beat(true);
	await phone.beat(true);
	await phone.beat();
	await until(() => statuses(userId).length > 0);
	await sleep(20);
	expect(statuses(userId)).toEqual(["online"]);
	await phone.beat(true);
	await until(() => statuses(userId).length > 1);
	expect(statuses(userId)).toEqual(["online", "away"]);
});

test("what changes in one turn of the event loop is told together, and of a user only the last", async () => {
	const people = Array.from({ length: 20 }, person);
	const before = heard.length;
	await Promise.all(people.map(({ device }) => device("a").beat()));
	await until(() => heard.length > before);
	await sleep(20);
	expect(heard.slice(before)).toHaveLength(1);
	expect(heard[before]?.users).toHaveLength(20);
});

test("a user with two devices is offline within 10 s of the clean close of the last", async () => {
	const { userId, device } = person();
	await device("phone").beat();
	await device("laptop").beat();
	await device("phone").close();
	await sleep(300);
	expect(statuses(userId)).toEqual(["online"]);
	await device("laptop").close();
	await until(() => statuses(userId).length > 1, 10_000);
	expect(statuses(userId)).toEqual(["online", "offline"]);
	const [seen] = await nobody()(presence.of, { userIds: [userId] });
	expect(seen?.lastSeenAt).toMatch(/Z$/);
});

test("I19: a user whose device vanished is offline within the lease and 5 s, once", async () => {
	const { userId, device } = person();
	await device("phone").beat();
	await until(() => statuses(userId).length > 1, 10_000);
	expect(statuses(userId)).toEqual(["online", "offline"]);
});

test("a status chosen over a socket is that connection's, one chosen over REST is for all", async () => {
	const { userId, device, rest } = person();
	await device("phone").beat();
	await device("laptop").beat();
	expect(await device("phone").choose("away")).toMatchObject({ status: "online" });
	expect(await device("phone").choose("dnd", "busy")).toMatchObject({ status: "dnd", text: "busy" });
	expect(await rest(presence.set, { status: "away" })).toMatchObject({ status: "away", text: "busy" });
	expect(await rest(presence.set, { status: "online", text: null })).toMatchObject({
		status: "online",
		text: null,
	});
	expect(await rest(presence.get, { userId })).toMatchObject({ status: "online" });
});

test("who has no connection is here by a REST heartbeat, or by choosing a status, for a lease's time", async () => {
	const ann = person();
	expect(await ann.rest(presence.heartbeat, { idle: true })).toMatchObject({ status: "away" });
	const bob = person();
	expect(await bob.rest(presence.set, { status: "dnd", text: "on a train" })).toMatchObject({
		status: "dnd",
	});
	await until(() => statuses(ann.userId).length > 1 && statuses(bob.userId).length > 1);
	expect([statuses(ann.userId), statuses(bob.userId)]).toEqual([
		["away", "offline"],
		["dnd", "offline"],
	]);
});

test("presence is shown to those with whom one shares a chat, and to oneself; others are offline", async () => {
	const [ann, bob, eve] = [person(), person(), person()];
	sharing.set(bob.userId, [ann.userId]);
	await ann.device("phone").beat();
	await ann.device("phone").choose("dnd", "busy");
	const hidden = { userId: ann.userId, status: "offline", text: null, lastSeenAt: null };
	const shown = { ...hidden, status: "dnd", text: "busy" };
	expect(await bob.rest(presence.get, { userId: ann.userId })).toEqual(shown);
	expect(await ann.rest(presence.get, { userId: ann.userId })).toEqual(shown);
	expect(await eve.rest(presence.get, { userId: ann.userId })).toEqual(hidden);
	const stranger = newId();
	const userIds = [stranger, ann.userId, bob.userId, ann.userId];
	const { items } = await bob.rest(presence.batch, { userIds });
	expect(items.map(item => [item.userId, item.status])).toEqual([
		[stranger, "offline"],
		[ann.userId, "dnd"],
		[bob.userId, "offline"],
	]);
	expect((await bob.rest(presence.online, { userIds })).items).toEqual([shown]);
	expect((await eve.rest(presence.online, { userIds })).items).toEqual([]);
});

test("without users to ask for, those of one's chats who are online are told, but not of chats too large for that", async () => {
	const [ann, bob, eve, late] = [person(), person(), person(), person()];
	for (const { userId } of [ann, bob, eve, late])
		await t.db.query(`INSERT INTO ${t.db.t.users} (id, username, display_name) VALUES ($1, $2, 'x')`, [
			userId,
			userId,
		]);
	await chat(2, [ann.userId, bob.userId]);
	await chat(1_001, [ann.userId, eve.userId]);
	await chat(3, [ann.userId, late.userId], late.userId);
	for (const one of [ann, bob, eve, late]) await one.device("a").beat();
	const { items } = await ann.rest(presence.online, {});
	expect(items.map(({ userId }) => userId)).toEqual([bob.userId]);
});

async function chat(memberCount: number, members: string[], left?: string) {
	const id = newId();
	const { t: tables } = t.db;
	await t.db.query(`INSERT INTO ${tables.chats} (id, type, created_by) VALUES ($1, 'group', $2)`, [
		id,
		members[0],
	]);
	await t.db.query(`INSERT INTO ${tables.heads} (chat_id, member_count) VALUES ($1, $2)`, [id, memberCount]);
	for (const member of members)
		await t.db.query(
			`INSERT INTO ${tables.members} (chat_id, user_id, rev, left_at) VALUES ($1, $2, 1, $3)`,
			[id, member, member === left ? new Date() : null],
		);
}

test("a status that is none and a text too long are refused", async () => {
	const { rest } = person();
	expect(await codeOf(rest(presence.set, { status: "busy" as "dnd" }))).toBe("VALIDATION_ERROR");
	expect(await codeOf(rest(presence.set, { status: "dnd", text: "x".repeat(141) }))).toBe("VALIDATION_ERROR");
});
