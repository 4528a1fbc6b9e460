import { afterAll, beforeEach, expect, test } from "@jest/globals";
import type { Presence } from "../../contracts/presence.ts";
import { goHome, ok, type Person, people } from "../support/people.ts";
import type { TestSocket } from "../support/socket.ts";
import { eventually } from "../support/stage.ts";
import { ackCode, acked, quietly, verdict } from "../support/verdict.ts";

let ann: Person;
let ben: Person;
let stranger: Person;
let watcher: TestSocket;

beforeEach(async () => {
	[ann, ben, stranger] = await people("ann", "ben", "stranger");
	await ann.group(ben);
	watcher = await ben.receiver();
});

afterAll(goHome);

const subscribe = async (socket: TestSocket, ...who: Person[]): Promise<Presence[]> =>
	(await acked(socket, "presence:subscribe", { userIds: who.map(({ id }) => id) })).users;
const seenBy = async (who: Person, whom = ann) => ok<Presence>(await who.rest.get(`/presence/${whom.id}`));
const turns = (status: string, socket = watcher, ms = 15_000) =>
	socket.waitFor("user:status", data => data.userId === ann.id && data.status === status, ms);
const heardOf = (socket: TestSocket) => socket.of("user:status").map(({ status }) => status);

test("who connects is online to those who subscribed, and is gone within 10 s of the last clean close", async () => {
	expect(await subscribe(watcher, ann)).toEqual([
		{ userId: ann.id, status: "offline", text: null, lastSeenAt: null },
	]);
	const [phone, laptop] = await Promise.all([ann.sender(), ann.receiver()]);
	expect(await turns("online")).toEqual({ userId: ann.id, status: "online", text: null, lastSeenAt: null });
	phone.close();
	await quietly(600);
	expect((await seenBy(ben)).status).toBe("online");
	expect(heardOf(watcher)).toEqual(["online"]);
	const closedAt = Date.now();
	laptop.close();
	const gone = await turns("offline", watcher, 10_000);
	expect(Date.parse(gone.lastSeenAt as string)).toBeGreaterThanOrEqual(closedAt - 1_000);
	expect(await seenBy(ben)).toEqual(gone);
	expect(heardOf(watcher)).toEqual(["online", "offline"]);
});

test("a user is what their most active connection is", async () => {
	await subscribe(watcher, ann);
	const [phone, laptop] = await Promise.all([ann.sender(), ann.receiver()]);
	const set = (socket: TestSocket, status: string) => acked(socket, "presence:set", { status });
	// Either of them is enough to be online, and they are on different nodes: the other may not be there yet.
	await Promise.all([set(phone, "online"), set(laptop, "online")]);
	await turns("online");
	watcher.forget();
	expect((await set(phone, "away")).presence).toMatchObject({ userId: ann.id, status: "online" });
	expect((await set(laptop, "away")).presence).toMatchObject({ status: "away" });
	await turns("away");
	await set(phone, "dnd");
	await turns("dnd");
	await set(laptop, "online");
	await quietly();
	expect((await seenBy(ben)).status).toBe("dnd");
	phone.close();
	await turns("online");
	expect(heardOf(watcher)).toEqual(["away", "dnd", "online"]);
});

test("an idle device is away, until it is touched", async () => {
	await subscribe(watcher, ann);
	const phone = await ann.sender();
	await turns("online");
	expect((await acked(phone, "heartbeat", { idle: true })).presence).toMatchObject({ status: "away" });
	await turns("away");
	watcher.forget();
	expect((await acked(phone, "heartbeat", { idle: false })).presence).toMatchObject({ status: "online" });
	await turns("online");
});

test("what one chooses over REST is for all connections, until the last one closes", async () => {
	await subscribe(watcher, ann);
	const [phone, laptop] = await Promise.all([ann.sender(), ann.receiver()]);
	const chosen = ok<Presence>(await ann.rest.put("/presence", { status: "dnd", text: "in a meeting" }));
	expect(chosen).toMatchObject({ userId: ann.id, status: "dnd", text: "in a meeting" });
	expect(await turns("dnd")).toMatchObject({ text: "in a meeting" });
	phone.close();
	await quietly();
	expect(await seenBy(ben)).toMatchObject({ status: "dnd", text: "in a meeting" });
	laptop.close();
	await turns("offline", watcher, 10_000);
	watcher.forget();
	await ann.sender();
	expect(await turns("online")).toMatchObject({ text: null });
});

test("who hides is offline to all, and still there", async () => {
	await subscribe(watcher, ann);
	const phone = await ann.sender();
	await turns("online");
	ok(await ann.rest.put("/presence", { status: "offline" }));
	await turns("offline");
	expect((await seenBy(ben)).status).toBe("offline");
	expect(phone.io.connected).toBe(true);
});

test("a user without a socket is here by a heartbeat over REST", async () => {
	const here = ok<Presence>(await ann.rest.post("/presence/heartbeat", {}));
	expect(here).toMatchObject({ userId: ann.id, status: "online" });
	expect((await seenBy(ben)).status).toBe("online");
	ok(await ann.rest.post("/presence/heartbeat", { idle: true }));
	expect((await seenBy(ben)).status).toBe("away");
});

test("those with whom one shares no chat are offline, whatever they are", async () => {
	const outside = await stranger.receiver();
	const offline = { userId: ann.id, status: "offline", text: null, lastSeenAt: null };
	expect(await subscribe(outside, ann)).toEqual([offline]);
	await subscribe(watcher, ann);
	await ann.sender();
	await turns("online");
	expect(await seenBy(stranger)).toEqual(offline);
	const batch = await stranger.rest.post("/presence/batch", { userIds: [ann.id, stranger.id] });
	expect(batch.body.items.find(({ userId }: Presence) => userId === ann.id)).toEqual(offline);
	expect((await acked(outside, "user:get-online", { userIds: [ann.id] })).users).toEqual([]);
	await quietly();
	expect(outside.of("user:status")).toEqual([]);
});

test("one asks for several, and for those who are online", async () => {
	await ann.sender();
	await subscribe(watcher, ann);
	await eventually(
		() => seenBy(ben),
		({ status }) => status === "online",
	);
	const { items } = ok<{ items: Presence[] }>(
		await ben.rest.post("/presence/batch", { userIds: [ann.id, stranger.id] }),
	);
	expect(items.map(({ userId, status }) => [userId, status])).toEqual([
		[ann.id, "online"],
		[stranger.id, "offline"],
	]);
	const online = async (payload: Record<string, unknown>) =>
		(await acked(watcher, "user:get-online", payload)).users.map(({ userId }: Presence) => userId);
	expect(await online({ userIds: [ann.id, stranger.id] })).toEqual([ann.id]);
	expect((await online({})).includes(ann.id)).toBe(true);
});

test("who unsubscribes hears nothing more", async () => {
	await subscribe(watcher, ann);
	expect((await acked(watcher, "presence:unsubscribe", { userIds: [ann.id] })).users).toEqual([]);
	await ann.sender();
	await quietly();
	expect(watcher.of("user:status")).toEqual([]);
});

test("T4: who shares no chat any more hears nothing more of the other", async () => {
	const other = await ann.group(ben);
	await subscribe(watcher, ann);
	const phone = await ann.sender();
	await turns("online");
	const { items } = ok<{ items: { chat: { id: string } }[] }>(await ann.rest.get("/inbox"));
	for (const { chat } of items) ok(await ann.rest.delete(`/chats/${chat.id}/members/${ben.id}`));
	expect(items.map(({ chat }) => chat.id)).toContain(other.id);
	for (const { chat } of items) await watcher.waitFor("chat:member-left", ({ chatId }) => chatId === chat.id);
	// Subscriptions are looked at again within a second.
	await quietly(3_500);
	watcher.forget();
	await acked(phone, "presence:set", { status: "dnd" });
	await quietly();
	expect(watcher.events).toEqual([]);
	expect((await seenBy(ben)).status).toBe("offline");
});

test("T4: a session that is ended takes its presence along", async () => {
	await subscribe(watcher, ann);
	const device = await ann.signIn();
	await device.sender();
	await turns("online");
	ok(await device.rest.post("/auth/logout"));
	await turns("offline", watcher, 10_000);
});

test("a status is one of four, and its text has an end", async () => {
	for (const body of [{ status: "busy" }, { status: "dnd", text: "x".repeat(141) }, { text: "x" }])
		expect(verdict(await ann.rest.put("/presence", body))).toBe("422 VALIDATION_ERROR");
	expect(await ackCode(watcher, "presence:set", { status: "invisible" })).toBe("VALIDATION_ERROR");
});
