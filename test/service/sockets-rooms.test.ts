import { afterAll, afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import type { LogEvent } from "../../contracts/changes.ts";
import type { Events } from "../../contracts/events.ts";
import { announce } from "../../lib/moleculer.ts";
import { BOUNDS } from "../../services/gateway/sockets/bounds.ts";
import { answersOf, ChatLog, stream } from "../support/chat-log.ts";
import { ANN, BOB, startGateway } from "../support/gateway.ts";
import { connect, type TestSocket } from "../support/socket.ts";
import { eventually } from "../support/stage.ts";

const CHAT = "01900000-0000-7000-8000-0000000000c1";
const THREAD = "01900000-0000-7000-8000-0000000000c2";
const CAROL = "01900000-0000-7000-8000-00000000000c";

const logs: ChatLog[] = [];
const { handlers, counts, slow } = answersOf(logs);
const gateway = await startGateway(handlers);
const bounds = BOUNDS as { earlyWaitMs: number };
const usual = { ...bounds };
const open: TestSocket[] = [];
let log: ChatLog;
let writer: ReturnType<typeof stream>;
let count = 0;

beforeEach(() => {
	log = new ChatLog(CHAT, [ANN, BOB]);
	logs.splice(0, logs.length, log);
	writer = stream(`s${count++}`);
	for (const action of Object.keys(counts)) counts[action] = 0;
});

afterEach(async () => {
	Object.assign(bounds, usual);
	for (const socket of open.splice(0)) socket.close();
	await wait(50);
});

afterAll(() => gateway.stop());

const wait = (ms: number) => new Promise<void>(resolve => setTimeout(resolve, ms));

async function signIn(userId: string): Promise<TestSocket> {
	const socket = await connect(gateway.url, `user:${userId}`);
	open.push(socket);
	return socket;
}

const broadcast = <E extends keyof Events>(name: E, data: Events[E]) => announce(gateway.broker, name, data);
const tell = (...events: LogEvent[]) => broadcast("log.batch", writer.batch(...events));
const told = ({ events }: TestSocket) =>
	events
		.filter(({ name }) => !name.startsWith("auth:"))
		.map(({ name, data }) => `${name} ${data.rev ?? data.seq ?? ""}`);

test("every socket of every member hears each event once, in the order of rev", async () => {
	const sockets = [await signIn(ANN), await signIn(ANN), await signIn(BOB), await signIn(CAROL)] as const;
	await tell(log.send("one"), log.send("two"), log.edit(1, "1"));
	for (const socket of sockets.slice(0, 3)) {
		await socket.waitFor("message:update");
		expect(told(socket)).toEqual(["message 3", "message 4", "message:update 5"]);
	}
	expect(told(sockets[3])).toEqual([]);
});

test("I8: early events wait, late and repeated ones are dropped", async () => {
	// A stall is no gap.
	bounds.earlyWaitMs = 60_000;
	const ann = await signIn(ANN);
	const [one, two, three] = [log.send(), log.send(), log.send()] as const;
	await tell(three);
	await tell(two);
	await wait(30);
	expect(told(ann)).toEqual([]);
	await tell(one);
	await tell(two);
	await ann.waitFor("message", ({ seq }) => seq === 3);
	expect(told(ann)).toEqual(["message 3", "message 4", "message 5"]);
	expect(counts["messages.gap"] ?? 0).toBe(0);
});

test("I10: what is missing is read though the clock steps back while it is waited for", async () => {
	bounds.earlyWaitMs = 300;
	const ann = await signIn(ANN);
	const [, two] = [log.send("one"), log.send("two")] as const;
	await tell(two);
	await wait(100);
	const { now } = Date;
	const clock = jest.spyOn(Date, "now").mockImplementation(() => now() - 3_600_000);
	try {
		await ann.waitFor("message", ({ content }) => content === "two");
		expect(told(ann)).toEqual(["message 3", "message 4"]);
	} finally {
		clock.mockRestore();
	}
});

test("a gap is read once for all sockets of the room, and told as what is now", async () => {
	const [ann, bob] = [await signIn(ANN), await signIn(BOB)];
	await tell(log.send("one"));
	const lost = [log.send("two"), log.edit(1, "1"), log.send("three")];
	expect(lost).toHaveLength(3);
	await tell(log.send("four"));
	await ann.waitFor("message", ({ seq }) => seq === 4);
	await bob.waitFor("message", ({ seq }) => seq === 4);
	for (const socket of [ann, bob])
		expect(told(socket)).toEqual(["message 3", "message 4", "message:update 5", "message 6", "message 7"]);
	expect(counts["messages.gap"]).toBe(1);
});

/** The heads are read for what happens, and not only when they are anyway. */
async function looksAtOnce(happens: () => unknown): Promise<void> {
	const before = counts["chats.heads"] ?? 0;
	await happens();
	await wait(50);
	expect(counts["chats.heads"]).toBeGreaterThan(before);
}

test("I15: a batch that was lost is noticed by the next beat, and healed", async () => {
	const ann = await signIn(ANN);
	await tell(log.send());
	log.send("lost");
	writer.lose();
	await looksAtOnce(() => broadcast("log.beat", writer.beat()));
	await ann.waitFor("message", ({ content }) => content === "lost");
	expect(told(ann)).toEqual(["message 3", "message 4"]);
});

test("I15: without any beat the heads of the rooms are compared every few seconds", async () => {
	const ann = await signIn(ANN);
	log.send("nobody told");
	await ann.waitFor("message", ({ content }) => content === "nobody told");
});

test("I39: a change that only a newer node knows is read like one that was lost, and all around it is told", async () => {
	const ann = await signIn(ANN);
	const translated = (event: LogEvent) => ({ ...event, change: "message.translated" }) as unknown as LogEvent;
	const [one, unknown, three] = [log.send("one"), log.edit(1, "translated"), log.send("three")] as const;
	await tell(one, translated(unknown), three);
	await ann.waitFor("message", ({ content }) => content === "three");
	expect(told(ann)).toEqual(["message 3", "message:update 4", "message 5"]);
	// Nothing follows it, and the heads say nothing of it.
	Object.defineProperty(log, "state", { value: log.state });
	await tell(translated(log.edit(2, "translated")));
	await ann.waitFor("message:update", ({ rev }) => rev === 6);
});

test("what a node had committed when it vanished is found", async () => {
	const ann = await signIn(ANN);
	log.send("last words");
	await looksAtOnce(() => gateway.broker.broadcastLocal("$node.disconnected", {}));
	await ann.waitFor("message", ({ content }) => content === "last words");
});

test("who is new is told the chat, the others that they came, and all hear the rest", async () => {
	const [ann, carol] = [await signIn(ANN), await signIn(CAROL)];
	await tell(log.send("before"), log.join(CAROL), log.send("after"));
	await carol.waitFor("message");
	await ann.waitFor("message", ({ rev }) => rev === 5);
	expect(told(carol)).toEqual(["chat:created 4", "message 5"]);
	expect(told(ann)).toEqual(["message 3", "chat:member-joined 4", "message 5"]);
});

test("a chat that is made is told to those who are here", async () => {
	logs.length = 0;
	const [ann, carol] = [await signIn(ANN), await signIn(CAROL)];
	logs.push(log);
	await tell(log.created(), log.send("first"));
	await ann.waitFor("message");
	expect(told(ann)).toEqual(["chat:created 2", "message 3"]);
	expect(told(carol)).toEqual([]);
});

test("T3: the last that a removed member hears of a chat is that, in its threads too", async () => {
	const thread = new ChatLog(THREAD, [ANN, BOB], CHAT);
	logs.push(thread);
	const [ann, bob] = [await signIn(ANN), await signIn(BOB)];
	await bob.emit("chat:join", { chatId: CHAT });
	await tell(log.send(), log.leave(BOB), log.send("secret"));
	await tell(thread.send("secret"));
	await broadcast("typing.moved", { chatId: CHAT, userId: ANN, isTyping: true });
	await ann.waitFor("message", ({ chatId }) => chatId === THREAD);
	await wait(50);
	expect(told(bob)).toEqual(["message 3", "chat:member-left 4"]);
	expect(told(ann)).toEqual(["message 3", "chat:member-left 4", "message 5", "message 3"]);
});

test("T3: an event of another epoch waits until the members have been read", async () => {
	const [ann, bob] = [await signIn(ANN), await signIn(BOB)];
	log.members.delete(BOB);
	log.epoch++;
	await tell(log.send("secret"));
	await ann.waitFor("message");
	await wait(50);
	expect(told(bob)).toEqual([]);
	expect(counts["chats.among"]).toBe(1);
	await tell(log.send("secret too"));
	await ann.waitFor("message", ({ seq }) => seq === 2);
	expect(counts["chats.among"]).toBe(1);
	expect(told(bob)).toEqual([]);
});

test("T3: where the removal itself was lost, the gap tells it before anything that came after", async () => {
	const [ann, bob] = [await signIn(ANN), await signIn(BOB)];
	log.leave(BOB);
	log.send("secret");
	await tell(log.send("secret too"));
	await ann.waitFor("message", ({ seq }) => seq === 2);
	await bob.waitFor("chat:member-left");
	expect(told(bob)).toEqual(["chat:member-left 3"]);
	expect(told(ann)).toEqual(["chat:member-left 3", "message 4", "message 5"]);
});

test("T3: a gap that does not say when a member left tells them nothing of it but that", async () => {
	const [ann, bob] = [await signIn(ANN), await signIn(BOB)];
	log.saysMemberRevs = false;
	log.leave(BOB);
	log.send("secret");
	await tell(log.send("secret too"));
	await ann.waitFor("message", ({ seq }) => seq === 2);
	await bob.waitFor("chat:member-left");
	expect(bob.of("message")).toEqual([]);
});

test("a chat that is deleted is told, and then nothing more of it", async () => {
	const ann = await signIn(ANN);
	await tell(log.remove());
	await ann.waitFor("chat:deleted");
	await tell(log.send("ghost"));
	await wait(50);
	expect(told(ann)).toEqual(["chat:deleted 3"]);
});

test("where a chat's end was lost, the heartbeat names a revision that the client asks for", async () => {
	const ann = await signIn(ANN);
	await ann.emit("heartbeat", {});
	log.remove();
	gateway.broker.broadcastLocal("$node.disconnected", {});
	const heartbeat = async () => (await ann.emit("heartbeat", {})).heads;
	expect(await eventually(heartbeat, heads => CHAT in heads)).toEqual({ [CHAT]: 3 });
});

test("I15: that one was removed stands in the next heartbeat as well, since the event may get lost on its way", async () => {
	const bob = await signIn(BOB);
	await bob.emit("heartbeat", {});
	await tell(log.leave(BOB));
	await bob.waitFor("chat:member-left");
	expect((await bob.emit("heartbeat", {})).heads).toEqual({ [CHAT]: 3 });
	expect((await bob.emit("heartbeat", {})).heads).toEqual({});
});

test("I15: that a chat was deleted stands in the next heartbeat as well", async () => {
	const ann = await signIn(ANN);
	await ann.emit("heartbeat", {});
	await tell(log.remove());
	await ann.waitFor("chat:deleted");
	expect((await ann.emit("heartbeat", {})).heads).toEqual({ [CHAT]: 3 });
	expect((await ann.emit("heartbeat", {})).heads).toEqual({});
});

test("the heartbeat answers with the heads of the chats that changed since the last one", async () => {
	const ann = await signIn(ANN);
	expect(await ann.emit("heartbeat", {})).toMatchObject({ presence: { status: "online" }, heads: {} });
	await tell(log.send());
	await ann.waitFor("message");
	expect((await ann.emit("heartbeat", { idle: true })).heads).toEqual({ [CHAT]: 3 });
	expect((await ann.emit("heartbeat", {})).heads).toEqual({});
});

test("I14: whoever is connected hears what is committed from then on, however long their chats took to read", async () => {
	slow.roomsMs = 80;
	const ann = await signIn(ANN);
	slow.roomsMs = 0;
	await tell(log.send("at once"));
	await ann.waitFor("message", ({ content }) => content === "at once");
});

test("T3: who is removed while their chats are read does not hear them", async () => {
	await signIn(ANN);
	slow.roomsMs = 80;
	const connecting = signIn(BOB);
	await wait(40);
	slow.roomsMs = 0;
	await tell(log.leave(BOB));
	const bob = await connecting;
	await tell(log.send("secret"));
	await wait(50);
	expect(bob.of("message")).toEqual([]);
});

test("I14: what is committed while a user connects is heard, or read after", async () => {
	for (let round = 0; round < 30; round++) {
		const connecting = signIn(ANN);
		await wait(round % 6);
		const event = log.send(`${round}`);
		await tell(event);
		const ann = await connecting;
		const read = await ann.emit("chat:join", { chatId: CHAT });
		await tell(log.send("after"));
		await ann.waitFor("message", ({ content, rev }) => content === "after" && rev > read.rev);
		const seen = new Set([...ann.of("message").map(({ rev }) => rev)]);
		expect(read.rev >= (event.rev ?? 0) || seen.has(event.rev ?? 0)).toBe(true);
		ann.close();
		await wait(5);
	}
});

test("a thread is heard by who has it open and may read its parent, until they may not", async () => {
	const thread = new ChatLog(THREAD, [ANN], CHAT);
	logs.push(thread);
	const [bob, carol] = [await signIn(BOB), await signIn(CAROL)];
	expect((await bob.emit("chat:join", { chatId: THREAD })).status).toBe("ok");
	expect((await carol.emit("chat:join", { chatId: THREAD })).code).toBe("NOT_FOUND");
	await tell(thread.send("one"));
	await bob.waitFor("message");
	await tell(log.leave(BOB));
	await bob.waitFor("chat:member-left");
	await tell(thread.send("secret"));
	await wait(50);
	expect(bob.of("message")).toHaveLength(1);
	expect(carol.of("message")).toEqual([]);
});
