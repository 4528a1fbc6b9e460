/** A node that is sent more than it takes. */
import { setTimeout as wait } from "node:timers/promises";
import { expect, test } from "@jest/globals";
import { leave } from "../../contracts/gateway.ts";
import { send } from "../../contracts/messages.ts";
import { unavailable } from "../../lib/errors.ts";
import { BOUNDS } from "../../services/gateway/sockets/bounds.ts";
import { Calls } from "../../services/gateway/sockets/calls.ts";
import { Lanes } from "../../services/gateway/sockets/lanes.ts";
import { Sends } from "../../services/gateway/sockets/sends.ts";

const turn = () => new Promise<void>(resolve => setImmediate(resolve));

test("I36: a node has so many sends under way, and one more when one of them has ended", async () => {
	const answers: ((outcomes: unknown[]) => void)[] = [];
	const call = () => new Promise(resolve => answers.push(resolve));
	const sends = new Sends({ call } as never);
	const add = (chatId: string) => sends.add({ id: "socket", user: { id: "ann" } }, { chatId } as never);
	const first = add("first");
	await turn();
	const others = Array.from({ length: BOUNDS.sendsUnderWayMax - 2 }, (_, i) => add(`${i}`));
	expect(sends.isFull).toBe(false);
	const last = add("last");
	expect(sends.isFull).toBe(true);
	answers[0]?.([{ message: {} }]);
	await first;
	expect(sends.isFull).toBe(false);
	await turn();
	for (const answer of answers.slice(1)) answer([]);
	expect(await Promise.allSettled([...others, last])).toHaveLength(BOUNDS.sendsUnderWayMax - 1);
	expect(sends.isFull).toBe(false);
});

test("I36: while it has, a send is refused before anything is done for it, and other calls go on", async () => {
	const begun: string[] = [];
	const does = ({ action }: { action: string }) => [action, async () => void begun.push(action)] as const;
	const own = {
		isFull: ({ action }: { action: string }) => action === send.action,
		handlers: new Map([does(send), does(leave)]),
	};
	const calls = new Calls({ own, limits: { take: async () => {} } } as never);
	const from = { lanes: new Lanes(1), user: { id: "ann" }, isLive: true } as never;
	const heard: unknown[] = [];
	const chatId = "01900000-0001-7000-8000-000000000000";
	calls.receive(from, send, [{ chatId, content: "hello" }, (answer: unknown) => heard.push(answer)]);
	expect(heard).toMatchObject([{ status: "error", code: "UNAVAILABLE", details: { retryAfter: 1 } }]);
	calls.receive(from, leave, [{ chatId }, (answer: unknown) => heard.push(answer)]);
	await turn();
	expect(begun).toEqual([leave.action]);
});

test("I30: what waits in a socket's chat behind a call that nobody answered hears the same at once, what comes later is tried", async () => {
	const begun: string[] = [];
	let isAway = true;
	const handler = async () => {
		begun.push(isAway ? "while away" : "later");
		if (!isAway) return;
		await wait(1_100);
		throw unavailable();
	};
	const own = { isFull: () => false, handlers: new Map([[leave.action, handler]]) };
	const calls = new Calls({ own, limits: { take: async () => {} } } as never);
	const from = { lanes: new Lanes(10), user: { id: "ann" }, isLive: true } as never;
	const heard: unknown[] = [];
	const chatId = "01900000-0001-7000-8000-000000000000";
	const ask = () => calls.receive(from, leave, [{ chatId }, (answer: unknown) => heard.push(answer)]);
	ask();
	ask();
	ask();
	await wait(1_300);
	expect(heard).toMatchObject(Array(3).fill({ status: "error", code: "UNAVAILABLE" }));
	isAway = false;
	ask();
	await turn();
	expect(begun).toEqual(["while away", "later"]);
});
