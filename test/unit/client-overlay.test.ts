import { expect, test } from "@jest/globals";
import { ChatLog } from "../../client/log/chat-log.ts";
import type { Log } from "../../client/log/log.rules.ts";
import { overlay, type Shown } from "../../client/log/overlay.rules.ts";
import type { Op, Work } from "../../client/outbox/outbox.rules.ts";
import { asking, CHAT_ID, ME, ModelChat, messageOf } from "../support/log-model.ts";

const AT = "2026-02-02T00:00:00.000Z";
let n = 0;
const op = (key: string, work: Work, more: Partial<Op> = {}): Op =>
	({
		...work,
		n: ++n,
		id: `op${n}`,
		chatId: CHAT_ID,
		key,
		at: AT,
		state: "waiting",
		tried: 0,
		...more,
	}) as Op;
const send = (key: string, more: Partial<Op> = {}) =>
	op(key, { kind: "send", draft: { content: `says ${key}`, clientId: key } }, more);

function chat() {
	const model = new ModelChat();
	for (let i = 0; i < 3; i++) model.send();
	const log = new ChatLog({ me: ME });
	log.begin(model.newest());
	const shown: Shown = new Map();
	return {
		model,
		log,
		show: (ops: Op[]) => overlay(log.get(), ops, ME, shown),
		told: () => log.take(model.told.at(-1) as never),
	};
}

test("what waits to be sent stands at the end, as pending, without a place", () => {
	const { show } = chat();
	const shown = show([send("a"), send("b")]);
	expect(shown.map(({ key }) => key)).toEqual(["m1", "m2", "m3", "a", "b"]);
	expect(shown.at(-1)).toMatchObject({
		id: "b",
		seq: null,
		rev: null,
		content: "says b",
		senderId: ME,
		isOwn: true,
		createdAt: AT,
		delivery: { state: "pending" },
		change: null,
	});
});

test("a message keeps its key and its row from pending to sent, and is never there twice", () => {
	const { show, model, log, told } = chat();
	const waiting = send("a");
	expect(show([waiting]).at(-1)).toMatchObject({ key: "a", seq: null });
	const message = messageOf(4, 5, { senderId: ME, clientId: "a", content: "says a" });
	const done = { ...waiting, state: "done", message } as Op;
	// Acknowledged before its event: shown at its place, though the log has not got there.
	expect(show([done]).at(-1)).toMatchObject({ key: "a", id: "m4", seq: 4, delivery: { state: "sent" } });
	model.send(ME);
	model.messages[3] = message;
	model.told[model.told.length - 1] = { rev: 5, message };
	told();
	expect(log.get()?.cursor).toBe(5);
	for (const ops of [[done], []]) expect(show(ops).map(({ key }) => key)).toEqual(["m1", "m2", "m3", "a"]);
});

test("what waits is not shown in the middle of the past", () => {
	const { show, log, model } = chat();
	for (let i = 0; i < 100; i++) {
		model.send();
		log.take(model.told.at(-1) as never);
	}
	const { asked, done } = asking(log);
	log.page(model.page(1, 20), "jump", asked);
	done();
	expect(show([send("a")]).map(({ seq }) => seq)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
});

test("edits, deletions, reactions and pins are shown at once, on what waits to be sent as well", () => {
	const { show } = chat();
	const id = { messageId: "m1" };
	const of = (ops: Op[]) => show(ops).find(({ id }) => id === "m1");
	expect(of([op("m1", { kind: "edit", content: "new", ...id })])).toMatchObject({
		content: "new",
		isEdited: true,
		change: { state: "pending" },
	});
	expect(of([op("m1", { kind: "pin", ...id })])).toMatchObject({ isPinned: true, pinnedBy: ME });
	const react = op("m1", { kind: "react", emoji: "👍", ...id });
	expect(of([react])?.reactions).toEqual([{ emoji: "👍", count: 1, userIds: [ME] }]);
	expect(of([react, op("m1", { kind: "unreact", emoji: "👍", ...id })])?.reactions).toEqual([]);
	expect(of([react, op("m1", { kind: "delete", ...id })])).toMatchObject({
		content: null,
		isDeleted: true,
		reactions: [],
	});
	const edit = op("a", { kind: "edit", content: "better", messageId: null });
	expect(show([send("a"), edit]).at(-1)).toMatchObject({ key: "a", content: "better", seq: null });
});

test("a change that was refused is not shown, but that it was", () => {
	const { show } = chat();
	const refused = { state: "failed", code: "FORBIDDEN", retryable: false } as const;
	const edit = op("m1", { kind: "edit", content: "mine", messageId: "m1" }, refused);
	expect(show([edit])[0]).toMatchObject({
		content: "message 1",
		change: { ...refused, kind: "edit", content: "mine" },
		delivery: { state: "sent" },
	});
	const failed = show([send("a", { state: "failed", code: "UNAVAILABLE", retryable: true })]).at(-1);
	expect(failed?.delivery).toEqual({ state: "failed", code: "UNAVAILABLE", retryable: true });
});

test("I11: a change that was accepted does not flicker back before the log has it", () => {
	const { show, model, told } = chat();
	model.edit(1);
	const [, message] = [0, model.messages[0]];
	const edit = op("m1", { kind: "edit", content: "new", messageId: "m1" });
	expect(show([edit])[0]?.content).toBe("new");
	const done = { ...edit, state: "done", message } as Op;
	expect(show([done])[0]).toMatchObject({ content: message?.content, rev: 5, change: null });
	told();
	expect(show([done])[0]?.content).toBe(message?.content);
	expect(show([])[0]?.content).toBe(message?.content);
});

test("one's own messages say how far they have got: the last of the others counts", () => {
	const model = new ModelChat([ME, "ann", "ben"]);
	model.send(ME);
	model.send(ME);
	const log = new ChatLog({ me: ME });
	log.begin(model.newest());
	const states = () => overlay(log.get() as Log, [], ME, new Map()).map(({ delivery }) => delivery.state);
	log.mark("ann", 2, 2);
	// Not all members are known.
	expect(states()).toEqual(["sent", "sent"]);
	const { asked, done } = asking(log);
	log.members(model.present, true, asked);
	done();
	log.mark("ann", 2, 2);
	expect(states()).toEqual(["sent", "sent"]);
	log.mark("ben", 2, 0);
	expect(states()).toEqual(["delivered", "delivered"]);
	log.mark("ben", 1, 1);
	expect(states()).toEqual(["read", "delivered"]);
});

test("what has not changed stays the same object, so that a view draws only what has", () => {
	const { show, model, told } = chat();
	const ops = [send("a")];
	const before = show(ops);
	model.edit(2);
	told();
	const after = show(ops);
	expect(after[0]).toBe(before[0]);
	expect(after[1]).not.toBe(before[1]);
	expect(after[2]).toBe(before[2]);
	expect(after[3]).toBe(before[3]);
});
