import { expect, test } from "@jest/globals";
import * as messages from "../../contracts/messages.ts";
import * as presence from "../../contracts/presence.ts";
import { eventFrame, type Frame, Gathered } from "../../services/gateway/sockets/frames.ts";
import { type Lane, Lanes } from "../../services/gateway/sockets/lanes.ts";
import { answerOf, laneOf, paramsOf, split } from "../../services/gateway/sockets/payload.ts";
import { Sends } from "../../services/gateway/sockets/sends.ts";
import { Streams } from "../../services/gateway/sockets/streams.rules.ts";

const CHAT = "01900000-0000-7000-8000-0000000000c1";

test("a batch that is left out, or a beat ahead, is noticed, each stream by itself", () => {
	const streams = new Streams();
	expect(streams.batch("a", 1, 0)).toBe(false);
	expect(streams.batch("a", 2, 0)).toBe(false);
	expect(streams.batch("a", 4, 0)).toBe(true);
	expect(streams.batch("a", 5, 0)).toBe(false);
	expect(streams.beat("a", 5, 0)).toBe(false);
	expect(streams.beat("a", 6, 0)).toBe(true);
	expect(streams.beat("a", 6, 0)).toBe(false);
	expect(streams.batch("b", 1, 0)).toBe(false);
	expect(streams.batch("late", 7, 0)).toBe(true);
});

test("a writer that has ended is forgotten", () => {
	const streams = new Streams();
	streams.batch("gone", 1, 1_000);
	streams.batch("here", 1, 9_000);
	streams.forgetSilent(5_000);
	expect(streams.size).toBe(1);
});

/** Starts calls whose ends the test decides, and says which have begun. */
function lanes() {
	const all = new Lanes(100);
	const begun: string[] = [];
	const ends = new Map<string, () => void>();
	const handOvers = new Map<string, () => void>();
	const call = (name: string, lane: Lane) =>
		all.run(lane, handOver => {
			begun.push(name);
			handOvers.set(name, handOver);
			return new Promise<void>(resolve => ends.set(name, resolve));
		});
	const turn = () => new Promise(resolve => setImmediate(resolve));
	const handOver = async (name: string) => {
		handOvers.get(name)?.();
		await turn();
	};
	const end = async (name: string) => {
		ends.get(name)?.();
		await turn();
	};
	return { all, begun, call, handOver, end };
}

test("calls to one chat run one after another, those to others beside them", async () => {
	const { begun, call, end } = lanes();
	call("a1", { chatId: "a" });
	call("a2", { chatId: "a" });
	call("b1", { chatId: "b" });
	call("x", "no-chat");
	expect(begun).toEqual(["a1", "b1", "x"]);
	await end("a1");
	expect(begun).toEqual(["a1", "b1", "x", "a2"]);
});

test("a call that names a message waits for all chats, and they for it", async () => {
	const { all, begun, call, end } = lanes();
	call("a1", { chatId: "a" });
	call("b1", { chatId: "b" });
	call("edit", "any-chat");
	call("a2", { chatId: "a" });
	call("react", "any-chat");
	expect(begun).toEqual(["a1", "b1"]);
	await end("a1");
	await end("b1");
	expect(begun).toEqual(["a1", "b1", "edit"]);
	await end("edit");
	expect(begun).toEqual(["a1", "b1", "edit", "a2"]);
	await end("a2");
	await end("react");
	await all.idle();
	expect(all.isFull).toBe(false);
});

test("sends to one chat are on their way together, one after the other is handed over; all others wait for their ends", async () => {
	const { all, begun, call, handOver, end } = lanes();
	const send = { chatId: "a", isSend: true };
	call("s1", send);
	call("s2", send);
	call("s3", send);
	call("join", { chatId: "a" });
	call("s4", send);
	expect(begun).toEqual(["s1"]);
	await handOver("s1");
	expect(begun).toEqual(["s1", "s2"]);
	// One that ends without having been handed over, since it is refused, holds nobody up.
	await end("s2");
	expect(begun).toEqual(["s1", "s2", "s3"]);
	await handOver("s3");
	await end("s3");
	expect(begun).not.toContain("join");
	await end("s1");
	expect(begun).toEqual(["s1", "s2", "s3", "join"]);
	await end("join");
	expect(begun).toEqual(["s1", "s2", "s3", "join", "s4"]);
	await end("s4");
	await all.idle();
});

test("a call that names a message waits for all sends before it, not only for the last", async () => {
	const { begun, call, handOver, end } = lanes();
	call("s1", { chatId: "a", isSend: true });
	await handOver("s1");
	call("s2", { chatId: "a", isSend: true });
	call("edit", "any-chat");
	await handOver("s2");
	await end("s2");
	expect(begun).toEqual(["s1", "s2"]);
	await end("s1");
	expect(begun).toEqual(["s1", "s2", "edit"]);
});

/** Sends whose calls end when the test says so. */
function sends() {
	const calls: { contents: string[]; end(): void; fail(err: Error): void }[] = [];
	const call = (_action: string, { sends: some }: { sends: { content: string }[] }) =>
		new Promise((resolve, reject) =>
			calls.push({
				contents: some.map(({ content }) => content),
				end: () => resolve(some.map(message => ({ message }))),
				fail: reject,
			}),
		);
	const all = new Sends({ call } as never);
	const turn = () => new Promise(resolve => setImmediate(() => setImmediate(resolve)));
	const add = (socket: string, content: string, chatId = CHAT) =>
		all.add({ id: socket, user: { id: socket } }, { chatId, content, mentions: [] } as never);
	return { calls, add, turn };
}

test("what a turn's sockets send is one call, and what one of them sends meanwhile to the same chat waits for its end", async () => {
	const { calls, add, turn } = sends();
	const first = [add("ann", "a1"), add("ben", "b1"), add("ann", "a2")];
	await turn();
	const later = [add("ann", "a3"), add("eve", "e1"), add("ann", "elsewhere", "another chat")];
	await turn();
	expect(calls.map(({ contents }) => contents)).toEqual([
		["a1", "b1", "a2"],
		["e1", "elsewhere"],
	]);
	calls[0]?.end();
	await Promise.all(first);
	await turn();
	expect(calls[2]?.contents).toEqual(["a3"]);
	for (const call of calls) call.end();
	await Promise.all(later);
});

test("what waited for a call goes before what comes in the turn of its end", async () => {
	const { calls, add, turn } = sends();
	const sent = [add("ann", "1")];
	await turn();
	sent.push(add("ann", "2"));
	calls[0]?.fail(new Error("away"));
	sent.push(add("ann", "3"));
	await expect(sent[0]).rejects.toThrow("away");
	sent.push(add("ann", "4"));
	await turn();
	expect(calls[1]?.contents).toEqual(["2", "3", "4"]);
	calls[1]?.end();
	await Promise.all(sent.slice(1));
});

test("more than one call holds are several, of which no two have sends of one socket to one chat", async () => {
	const { calls, add, turn } = sends();
	const sent = Array.from({ length: messages.SENDS_PER_CALL_MAX }, (_, i) => add("ann", `${i}`));
	sent.push(add("ben", "b"), add("ann", "last"));
	await turn();
	expect(calls.map(({ contents }) => contents.length)).toEqual([messages.SENDS_PER_CALL_MAX, 1]);
	calls[0]?.end();
	await turn();
	expect(calls[2]?.contents).toEqual(["last"]);
	for (const call of calls) call.end();
	await Promise.all(sent);
});

test("a lane knows when it is full", () => {
	const all = new Lanes(2);
	for (const chatId of ["a", "b"]) all.run({ chatId }, () => new Promise(() => {}));
	expect(all.isFull).toBe(true);
});

test("the lane of a call is the chat that it names", () => {
	expect(laneOf(messages.send, [{ chatId: CHAT.toUpperCase() }])).toEqual({ chatId: CHAT, isSend: true });
	expect(laneOf(messages.history, [{ chatId: CHAT }])).toEqual({ chatId: CHAT, isSend: false });
	expect(laneOf(messages.remove, [{ messageId: CHAT }])).toBe("any-chat");
	expect(laneOf(messages.read, [{ messageId: CHAT }])).toBe("any-chat");
	expect(laneOf(presence.set, [{ chatId: CHAT }])).toBe("no-chat");
	expect(laneOf(messages.send, ["x"])).toBe("no-chat");
});

test("an acknowledgement carries the result under the contract's name, a page's items too", () => {
	expect(answerOf({ ack: "message" }, { id: "m" })).toEqual({ status: "ok", message: { id: "m" } });
	expect(answerOf({ ack: "users" }, { items: [1], nextCursor: "c" })).toEqual({
		status: "ok",
		users: [1],
		nextCursor: "c",
	});
	expect(answerOf({ ack: "*" }, { rev: 3 })).toEqual({ status: "ok", rev: 3 });
	expect(answerOf({}, null)).toEqual({ status: "ok" });
});

test("T18: a payload is one plain object of JSON", () => {
	const sent = { chatId: CHAT, content: "x" };
	expect(paramsOf(messages.send, [sent])).toEqual(sent);
	const bad = [
		[null],
		["text"],
		[[]],
		[sent, sent],
		[JSON.parse(`{"chatId":"${CHAT}","content":"x","__proto__":{"role":"owner"}}`)],
		[{ ...sent, metadata: { deep: Buffer.from("x") } }],
		[{ ...sent, role: "owner" }],
	];
	for (const given of bad)
		expect(() => paramsOf(messages.send, given)).toThrow(
			expect.objectContaining({ type: "VALIDATION_ERROR" }),
		);
	expect(({} as { role?: string }).role).toBeUndefined();
});

test("the callback is the last argument, where it is a function", () => {
	const callback = () => {};
	expect(split([{ a: 1 }, callback])).toEqual({ given: [{ a: 1 }], callback });
	expect(split([callback])).toEqual({ given: [], callback });
	expect(split([{ a: 1 }])).toEqual({ given: [{ a: 1 }], callback: null });
});

test("sockets that are told the same share the bytes, and each gets its own in order", () => {
	const frames = [1, 2, 3].map(n => eventFrame("typing", { chatId: CHAT, userId: `${n}`, isTyping: true }));
	const [one, two, three] = frames as [Frame, Frame, Frame];
	const start = new Gathered();
	const ann = start.with(one).with(two);
	const ben = start.with(one).with(two);
	const eve = start.with(one).with(three).with(two);
	expect(ben.bytes).toBe(ann.bytes);
	expect(ann.frames).toEqual([one, two]);
	expect(eve.frames).toEqual([one, three, two]);
	expect(eve.bytes).toEqual(Buffer.concat([one.bytes, three.bytes, two.bytes]));
});

test("where sockets part after a long beginning, they share it and each has its own end", () => {
	const typing = (userId: string) => eventFrame("typing", { chatId: CHAT, userId, isTyping: true });
	const room = Array.from({ length: 60 }, (_, i) => typing(`${i}`));
	const start = new Gathered();
	const all = () => room.reduce((gathered, frame) => gathered.with(frame), start);
	const [typing0, typing1] = [typing("next"), typing("last")];
	const ends = [typing("ann"), typing("ben"), typing("eve")];
	const told = ends.map(end => all().with(end));
	const [ann, ben] = told.map(({ pieces }) => pieces);
	expect(ann?.[0]).toBe(ben?.[0]);
	for (const [i, { pieces, bytes }] of told.entries()) {
		expect(pieces).toHaveLength(2);
		expect(pieces[1]).toEqual(ends[i]?.bytes);
		expect(Buffer.concat(pieces)).toEqual(bytes);
	}
	expect(all().pieces).toEqual([all().bytes]);
	// Those who go on alike behind the place where others parted share that too.
	const later = () => [typing0, typing1].reduce((gathered, frame) => gathered.with(frame), all());
	expect(later().pieces).toHaveLength(2);
	expect(later().pieces[1]).toBe(later().pieces[1]);
	expect(Buffer.concat(later().pieces)).toEqual(later().bytes);
	// A short beginning is joined again: two pieces would cost more.
	const short = new Gathered().with(typing("a"));
	const parted = [short.with(typing("b")), short.with(typing("c"))];
	expect(parted.map(({ pieces }) => pieces.length)).toEqual([1, 1]);
});
