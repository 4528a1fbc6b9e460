import { expect, test } from "@jest/globals";
import { ParleyError } from "../../client/errors.ts";
import {
	edited,
	isGivenUp,
	isReached,
	named,
	nextOf,
	type Op,
	settled,
	type Work,
	willGo,
} from "../../client/outbox/outbox.rules.ts";
import type { ErrorCode } from "../../contracts/errors.ts";
import { CHAT_ID, messageOf } from "../support/log-model.ts";

let n = 0;
const op = (key: string, work: Work, more: Partial<Op> = {}): Op =>
	({
		...work,
		n: ++n,
		id: `op${n}`,
		chatId: CHAT_ID,
		key,
		at: "",
		state: "waiting",
		tried: 1,
		...more,
	}) as Op;
const send = (key: string, more: Partial<Op> = {}) =>
	op(key, { kind: "send", draft: { content: key, clientId: key } }, more);
const edit = (key: string, messageId: string | null) => op(key, { kind: "edit", content: "new", messageId });
const answer = (code: ErrorCode, retryAfter: number | null = null) => ({
	error: new ParleyError(code, code, { retryAfter }),
});

test("I7: what is sent first goes first; what failed stops only what speaks of it", () => {
	const [a, b] = [send("a"), send("b")];
	expect(nextOf([a, b])).toBe(a);
	const failed = { ...a, state: "failed" } as Op;
	expect(nextOf([failed, edit("a", null), b])).toBe(b);
	expect(nextOf([failed, edit("a", null)])).toBeUndefined();
	expect(nextOf([{ ...a, state: "done" } as Op, edit("a", "m1")])).toMatchObject({ messageId: "m1" });
	// Another tab asked for it while the send was under way.
	const done = { ...a, state: "done", message: messageOf(1, 2) } as Op;
	expect(nextOf([done, edit("a", null)])).toMatchObject({ kind: "edit", messageId: "m1" });
});

test("what speaks of a message that failed does not count as on its way", () => {
	const failed = send("a", { state: "failed" });
	const all = [failed, edit("a", null), edit("b", "m2"), send("b")];
	expect(all.map(it => willGo(it, all))).toEqual([false, false, true, true]);
});

test("I11: what speaks of a message that waits gets its id with the answer", () => {
	const done = send("a", { state: "done", message: messageOf(1, 2) });
	expect(named(edit("a", null), done)).toMatchObject({ messageId: "m1" });
	expect(named(edit("b", null), done)).toMatchObject({ messageId: null });
	expect(named(edit("a", null), send("a"))).toMatchObject({ messageId: null });
});

test("what may pass is waited for without end, and the chat's order is kept", () => {
	let waiting = send("a");
	const next = send("b");
	for (let i = 0; i < 50; i++)
		for (const [code, retryAfter] of [
			["UNAVAILABLE", null],
			["UNAVAILABLE", 5],
			["SERVER_FULL", 5],
			["RATE_LIMITED", 1],
			["TOKEN_EXPIRED", null],
			["UNAUTHENTICATED", null],
		] as const)
			waiting = settled(waiting, answer(code, retryAfter)) as Op;
	expect(waiting).toMatchObject({ state: "waiting", key: "a" });
	expect(nextOf([waiting, next])).toBe(waiting);
});

test("a fault of the server fails at once, and the user may try again", () => {
	expect(settled(send("a"), answer("INTERNAL"))).toMatchObject({
		state: "failed",
		code: "INTERNAL",
		retryable: true,
	});
});

test("a refusal is final at once, and keeps the key", () => {
	for (const code of ["FORBIDDEN", "NOT_FOUND", "CONFLICT", "VALIDATION_ERROR"] as const)
		expect(settled(send("a"), answer(code))).toMatchObject({
			state: "failed",
			code,
			retryable: false,
			key: "a",
		});
	// Nobody has to see that a mark was refused.
	expect(settled(op("", { kind: "read", seq: 1 }), answer("FORBIDDEN"))).toBeNull();
});

test("I11: what is done stays until the log has got there", () => {
	const done = settled(send("a"), { message: messageOf(4, 9) }) as Op;
	expect(done.state).toBe("done");
	expect(isReached(done, 8, 0)).toBe(false);
	expect(isReached(done, 9, 0)).toBe(true);
	expect(isReached(send("a"), 99, 99)).toBe(false);
	const read = settled(op("", { kind: "read", seq: 7 }), {}) as Op;
	expect(isReached(read, 99, 6)).toBe(false);
	expect(isReached(read, 0, 7)).toBe(true);
});

test("giving up a send takes along what was asked of it, and nothing else", () => {
	const all = [
		send("a"),
		edit("a", null),
		send("b"),
		send("a", { state: "done" }),
		op("", { kind: "read", seq: 1 }),
	];
	expect(all.map(it => isGivenUp(it, "a"))).toEqual([true, true, false, false, false]);
});

test("operations stay in the order of sending, whatever becomes of them", () => {
	const [a, b, c] = [send("a"), send("b"), send("c")];
	const done = { ...a, state: "done" } as Op;
	const changes = new Map<number, Op | null>([
		[a.n, done],
		[b.n, null],
	]);
	expect(edited([a, b, c], changes)).toEqual([done, c]);
});
