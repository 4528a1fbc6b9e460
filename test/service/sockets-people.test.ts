import { afterAll, afterEach, beforeEach, expect, test } from "@jest/globals";
import type { LogEvent } from "../../contracts/changes.ts";
import type { Events } from "../../contracts/events.ts";
import type { Presence } from "../../contracts/presence.ts";
import type { User } from "../../contracts/users.ts";
import { fail } from "../../lib/errors.ts";
import { announce } from "../../lib/moleculer.ts";
import type { SocketVars } from "../../services/gateway/sockets/index.ts";
import { answersOf, ChatLog, stream } from "../support/chat-log.ts";
import { ANN, BOB, startGateway } from "../support/gateway.ts";
import { connect, type TestSocket } from "../support/socket.ts";
import { eventually } from "../support/stage.ts";

const CHAT = "01900000-0000-7000-8000-0000000000c1";
const THREAD = "01900000-0000-7000-8000-0000000000c2";
const CAROL = "01900000-0000-7000-8000-00000000000c";
const SESSION = "01900000-0000-7000-8000-0000000000e1";

const logs: ChatLog[] = [];
const ended = new Set<string>();
const { handlers } = answersOf(logs);
/** Tokens are `user[:for so many ms[:of a session]]`. */
const gateway = await startGateway({
	...handlers,
	"auth.verify": ({ params }) => {
		const [userId = "", ms = "600000", session] = String(params.token).split("/");
		if (!userId.startsWith("01")) throw fail("UNAUTHENTICATED");
		return { userId, sessionId: session ?? null, expiresAt: Date.now() + Number(ms), admin: false };
	},
	"auth.liveSessions": ({ params }) => (params.sessionIds as string[]).filter(id => !ended.has(id)),
});
const open: TestSocket[] = [];
let log: ChatLog;
let writer: ReturnType<typeof stream>;
let count = 0;

beforeEach(() => {
	log = new ChatLog(CHAT, [ANN, BOB]);
	logs.splice(0, logs.length, log);
	writer = stream(`s${count++}`);
});

afterEach(async () => {
	for (const socket of open.splice(0)) socket.close();
	await wait(50);
});

afterAll(() => gateway.stop());

const wait = (ms: number) => new Promise<void>(resolve => setTimeout(resolve, ms));

async function signIn(token: string): Promise<TestSocket> {
	const socket = await connect(gateway.url, token);
	open.push(socket);
	return socket;
}

const broadcast = <E extends keyof Events>(name: E, data: Events[E]) => announce(gateway.broker, name, data);
const tell = (...events: LogEvent[]) => broadcast("log.batch", writer.batch(...events));
const presence = (userId: string, status: Presence["status"]): Presence => ({
	userId,
	status,
	text: null,
	lastSeenAt: null,
});

test("typing is told to those who have the chat open, not to the typist, and ends by itself", async () => {
	const [ann, phone, bob, closed] = [
		await signIn(ANN),
		await signIn(ANN),
		await signIn(BOB),
		await signIn(BOB),
	] as const;
	for (const socket of [ann, phone, bob]) await socket.emit("chat:join", { chatId: CHAT });
	const from = Date.now();
	expect(await ann.emit("typing", { chatId: CHAT, isTyping: true })).toEqual({ status: "ok" });
	await ann.emit("typing", { chatId: CHAT, isTyping: true });
	expect(await bob.waitFor("typing")).toEqual({ chatId: CHAT, userId: ANN, isTyping: true });
	await bob.waitFor("typing", ({ isTyping }) => !isTyping);
	expect(Date.now() - from).toBeGreaterThan(4_900);
	expect(Date.now() - from).toBeLessThan(9_000);
	expect(bob.of("typing")).toHaveLength(2);
	for (const socket of [ann, phone, closed]) expect(socket.of("typing")).toEqual([]);
});

test("typing ends when the typist says so, closes the chat, or goes", async () => {
	const bob = await signIn(BOB);
	await bob.emit("chat:join", { chatId: CHAT });
	const ends = [
		(ann: TestSocket) => ann.emit("typing", { chatId: CHAT, isTyping: false }),
		(ann: TestSocket) => ann.emit("chat:leave", { chatId: CHAT }),
		async (ann: TestSocket) => ann.close(),
	];
	for (const [i, end] of ends.entries()) {
		const ann = await signIn(ANN);
		await ann.emit("typing", { chatId: CHAT, isTyping: true });
		await end(ann);
		const told = () => bob.of("typing").length;
		// Before it would end by itself.
		await eventually(told, count => count > 2 * i + 1, 4_000);
		expect(bob.of("typing").map(({ isTyping }) => isTyping)).toEqual(
			Array.from({ length: i + 1 }, () => [true, false]).flat(),
		);
	}
});

test("T3: typing into a chat that one may not see finds none, and tells nobody", async () => {
	const [bob, carol] = [await signIn(BOB), await signIn(CAROL)];
	await bob.emit("chat:join", { chatId: CHAT });
	expect((await carol.emit("typing", { chatId: CHAT, isTyping: true })).code).toBe("NOT_FOUND");
	await wait(50);
	expect(bob.of("typing")).toEqual([]);
});

test("marks and threads are told to those who have the chat open, until they close it", async () => {
	const [ann, bob] = [await signIn(ANN), await signIn(BOB)];
	await bob.emit("chat:join", { chatId: CHAT });
	const mark = { chatId: CHAT, userId: ANN, status: "READ", seq: 3 } as const;
	const thread = { chatId: "t", count: 1, lastAt: null };
	await broadcast("receipts.moved", { marks: [mark] });
	await broadcast("thread.grew", { parentChatId: CHAT, messageId: "m", thread });
	await bob.waitFor("thread:updated");
	await bob.emit("chat:leave", { chatId: CHAT });
	await broadcast("receipts.moved", { marks: [mark] });
	await tell(log.send());
	await bob.waitFor("message");
	expect(bob.of("message:status")).toEqual([mark]);
	expect(bob.of("thread:updated")).toEqual([{ messageId: "m", thread }]);
	expect(ann.of("message:status")).toEqual([]);
});

test("the inbox moves on a user's other devices", async () => {
	const [laptop, phone, bob] = [await signIn(ANN), await signIn(ANN), await signIn(BOB)] as const;
	const update = { chatId: CHAT, readSeq: 1, unread: 0, mentions: 0, totalUnread: 0 };
	await broadcast("inbox.moved", { userId: ANN, update, exceptSocketId: laptop.id });
	expect(await phone.waitFor("inbox:update")).toEqual(update);
	expect([...laptop.of("inbox:update"), ...bob.of("inbox:update")]).toEqual([]);
});

test("presence is heard of those with whom one shares a chat, others are offline", async () => {
	const ann = await signIn(ANN);
	const { users } = await ann.emit("presence:subscribe", { userIds: [CAROL, BOB, BOB, ANN] });
	expect(users).toEqual([presence(CAROL, "offline"), presence(BOB, "online"), presence(ANN, "online")]);
	await broadcast("presence.changed", { users: [presence(BOB, "away")] });
	expect(await ann.waitFor("user:status")).toEqual(presence(BOB, "away"));
	const now = [
		presence(BOB, "dnd"),
		presence(CAROL, "online"),
		presence(ANN, "dnd"),
		presence(BOB, "online"),
	];
	await broadcast("presence.changed", { users: now });
	expect(await ann.waitFor("users:update")).toEqual([presence(BOB, "online"), presence(ANN, "dnd")]);
	expect(await ann.emit("presence:unsubscribe", { userIds: [BOB] })).toEqual({ status: "ok", users: [] });
	await broadcast("presence.changed", { users: [presence(BOB, "offline")] });
	await wait(50);
	expect(ann.of("user:status")).toHaveLength(1);
});

test("one user who changes twice in a turn is told once, by itself, as they are now", async () => {
	const ann = await signIn(ANN);
	await ann.emit("presence:subscribe", { userIds: [BOB] });
	await broadcast("presence.changed", { users: [presence(BOB, "dnd"), presence(BOB, "away")] });
	expect(await ann.waitFor("user:status")).toEqual(presence(BOB, "away"));
	expect(ann.of("users:update")).toEqual([]);
});

test("T3: who shares no chat any more hears no more presence", async () => {
	const [ann, bob] = [await signIn(ANN), await signIn(BOB)];
	await ann.emit("presence:subscribe", { userIds: [BOB] });
	await bob.emit("presence:subscribe", { userIds: [ANN] });
	await tell(log.leave(BOB));
	await wait(1_300);
	await broadcast("presence.changed", { users: [presence(BOB, "away"), presence(ANN, "away")] });
	await wait(50);
	expect([...ann.of("user:status"), ...bob.of("user:status")]).toEqual([]);
});

test("a socket subscribes to a thousand users at most", async () => {
	const others = Array.from({ length: 1_001 }, (_, i) => `01900000-0000-7000-8000-00000001${1_000 + i}`);
	for (const id of others) log.members.add(id);
	const ann = await signIn(ANN);
	const codes: unknown[] = [];
	for (let at = 0; at < others.length; at += 200) {
		const ack = await ann.emit("presence:subscribe", { userIds: others.slice(at, at + 200) });
		codes.push(ack.code ?? ack.status);
	}
	expect(codes).toEqual(["ok", "ok", "ok", "ok", "ok", "VALIDATION_ERROR"]);
});

test("a profile that changed is told to those who share a chat, its e-mail to oneself alone", async () => {
	const [ann, bob, carol] = [await signIn(ANN), await signIn(BOB), await signIn(CAROL)] as const;
	const user = { id: ANN, username: "ann", displayName: "Ann", email: "ann@example.com" } as User;
	await broadcast("user.changed", { user });
	expect(await ann.waitFor("user:updated")).toEqual(user);
	expect(await bob.waitFor("user:updated")).toEqual({ id: ANN, username: "ann", displayName: "Ann" });
	expect(carol.of("user:updated")).toEqual([]);
});

test("a minute before its token runs out a client is warned, and at its end disconnected", async () => {
	const from = Date.now();
	const ann = await signIn(`${ANN}/6000`);
	const signedInAt = Date.now();
	const { expiresAt } = await ann.waitFor("auth:expiring");
	expect(Date.parse(expiresAt)).toBeGreaterThanOrEqual(from + 6_000);
	expect(Date.parse(expiresAt)).toBeLessThanOrEqual(signedInAt + 6_000);
	expect(await ann.closed).toBe("io server disconnect");
	expect(ann.events.map(({ name }) => name)).toEqual(["auth:expiring", "auth:expired"]);
});

test("a new token of the same user keeps the socket, another's does not", async () => {
	const ann = await signIn(`${ANN}/6000`);
	await ann.waitFor("auth:expiring");
	expect((await ann.emit("auth:refresh", { token: `${BOB}/600000` })).code).toBe("UNAUTHENTICATED");
	expect((await ann.emit("auth:refresh", { token: "nonsense" })).code).toBe("UNAUTHENTICATED");
	expect(await ann.emit("auth:refresh", { token: `${ANN}/600000` })).toEqual({ status: "ok" });
	await wait(7_500);
	expect(ann.io.connected).toBe(true);
	expect(ann.of("auth:expired")).toEqual([]);
});

test("T4: the sockets of a session close at once when it ends, those of others stay", async () => {
	const other = SESSION.replace("e1", "e2");
	const [phone, laptop] = [await signIn(`${ANN}/600000/${SESSION}`), await signIn(`${ANN}/600000/${other}`)];
	const from = Date.now();
	await broadcast("sessions.ended", { userId: ANN, sessionIds: [SESSION] });
	expect(await phone.closed).toBe("io server disconnect");
	// With what a busy machine adds; sessions are looked up only after 30 s.
	expect(Date.now() - from).toBeLessThan(10_000);
	expect((await laptop.emit("heartbeat", {})).status).toBe("ok");
});

test("T4: what ended without a word ends all the same when rights are looked up again", async () => {
	const session = SESSION.replace("e1", "e3");
	const thread = new ChatLog(THREAD, [ANN], CHAT);
	logs.push(thread);
	const [ann, bob] = [await signIn(`${ANN}/600000/${session}`), await signIn(BOB)];
	await bob.emit("chat:join", { chatId: THREAD });
	await bob.emit("presence:subscribe", { userIds: [ANN] });
	await bob.emit("heartbeat", {});
	ended.add(session);
	log.members.delete(BOB);
	// The service looks every 30 s; here it is asked to.
	await (gateway.broker.getLocalService("gateway") as unknown as SocketVars).sockets.checkRights();
	expect(await ann.closed).toBe("io server disconnect");
	expect((await bob.emit("heartbeat", {})).heads).toEqual({ [CHAT]: 3 });
	await tell(log.send("secret"));
	await tell(thread.send("secret"));
	await wait(1_200);
	await broadcast("presence.changed", { users: [presence(ANN, "away")] });
	await wait(100);
	expect([...bob.of("message"), ...bob.of("user:status")]).toEqual([]);
});
