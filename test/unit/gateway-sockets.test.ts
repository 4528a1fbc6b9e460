import { expect, test } from "@jest/globals";
import * as messages from "../../contracts/messages.ts";
import * as presence from "../../contracts/presence.ts";
import { eventFrame, type Frame, Gathered } from "../../services/gateway/sockets/frames.ts";
import { type Lane, Lanes } from "../../services/gateway/sockets/lanes.ts";
import { answerOf, laneOf, paramsOf, split } from "../../services/gateway/sockets/payload.ts";
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
	const call = (name: string, lane: Lane) =>
		all.run(lane, () => {
			begun.push(name);
			return new Promise<void>(resolve => ends.set(name, resolve));
		});
	const end = async (name: string) => {
		ends.get(name)?.();
		await new Promise(resolve => setImmediate(resolve));
	};
	return { all, begun, call, end };
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

test("a lane knows when it is full", () => {
	const all = new Lanes(2);
	for (const chatId of ["a", "b"]) all.run({ chatId }, () => new Promise(() => {}));
	expect(all.isFull).toBe(true);
});

test("the lane of a call is the chat that it names", () => {
	expect(laneOf(messages.send, [{ chatId: CHAT.toUpperCase() }])).toEqual({ chatId: CHAT });
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
