/** Which node takes the sends of a chat that several write to. */
import { setTimeout as wait } from "node:timers/promises";
import { expect, test } from "@jest/globals";
import { homeOf, Writers } from "../../services/gateway/sockets/homes.rules.ts";
import { Sends } from "../../services/gateway/sockets/sends.ts";

const CHATS = Array.from(
	{ length: 8_000 },
	(_, i) => `01900000-0000-7000-8000-${String(i).padStart(12, "0")}`,
);
const nodesOf = (count: number) => Array.from({ length: count }, (_, i) => `parley-${i}-${1_000 + i}-ab`);
const turn = () => new Promise(resolve => setImmediate(() => setImmediate(resolve)));

test("all gateways name the same home, in whatever order they know of the nodes, and each node gets its share", () => {
	const nodes = nodesOf(4);
	const homes = CHATS.map(chat => homeOf(chat, nodes));
	expect(CHATS.map(chat => homeOf(chat, [...nodes].reverse()))).toEqual(homes);
	for (const node of nodes)
		expect(homes.filter(home => home === node).length / CHATS.length).toBeCloseTo(1 / 4, 1);
	expect(homeOf("a chat", [])).toBe(null);
});

test("a node that comes moves only the chats that it gets, and one that goes only those that it had", () => {
	const [before, after] = [nodesOf(4), nodesOf(5)];
	const moved = CHATS.filter(chat => homeOf(chat, before) !== homeOf(chat, after));
	expect(new Set(moved.map(chat => homeOf(chat, after)))).toEqual(new Set([after[4]]));
	expect(moved.length / CHATS.length).toBeCloseTo(1 / 5, 1);
});

test("writers meet where two of them write at about the same time, and that is kept for a while", () => {
	const writers = new Writers();
	for (let now = 0; now < 1_000; now += 10) writers.wrote("a", now);
	expect(writers.meet(1_000)).toBe(false);
	writers.wrote("b", 1_100);
	expect(writers.meet(1_100)).toBe(false);
	writers.wrote("a", 1_110);
	expect(writers.meet(1_110)).toBe(true);
	expect(writers.meet(31_000)).toBe(true);
	expect(writers.meet(31_111)).toBe(false);
});

/** Sends of chats whose home their id names, through a broker that notes where each call went. */
function sends(
	fails: (node: string | undefined) => boolean = () => false,
	afterMs = 0,
	outcomeOf: (message: object) => object = message => ({ message }),
) {
	const calls: { node: string | undefined; sends: { content: string; clientId: string }[] }[] = [];
	const doubted: string[] = [];
	const call = async (
		_action: string,
		{ sends }: { sends: (typeof calls)[number]["sends"] },
		opts?: { nodeID?: string },
	) => {
		calls.push({ node: opts?.nodeID, sends });
		await wait(afterMs);
		if (fails(opts?.nodeID)) throw new Error("away");
		return sends.map(outcomeOf);
	};
	const homes = {
		of: (chatId: string) =>
			chatId
				.split("@")
				.slice(1)
				.find(node => !doubted.includes(node)) ?? null,
		doubt: (node: string) => void doubted.push(node),
	};
	const all = new Sends({ call } as never, homes);
	const add = (chatId: string, content: string) =>
		all.add({ id: "socket", user: { id: "ann" } }, { chatId, content } as never);
	return { calls, doubted, add };
}

test("what a turn brings goes to each home in one call, and the rest in one of its own", async () => {
	const { calls, add } = sends();
	await Promise.all([add("a@one", "1"), add("b", "2"), add("c@one", "3"), add("d@two", "4")]);
	expect(calls.map(({ node, sends }) => [node, sends.map(({ content }) => content)])).toEqual([
		["one", ["1", "3"]],
		[undefined, ["2"]],
		["two", ["4"]],
	]);
});

test("I3: where a home fails, any other node is asked, with the same keys, and what waits behind stays behind", async () => {
	const { calls, doubted, add } = sends(node => node === "one");
	const first = add("a@one", "1");
	await turn();
	const second = add("a@one", "2");
	expect(await first).toMatchObject({ content: "1" });
	await second;
	expect(calls.map(({ node }) => node)).toEqual(["one", undefined, undefined]);
	expect(calls[0]?.sends[0]?.clientId).toBeTruthy();
	expect(calls[1]?.sends).toEqual(calls[0]?.sends);
	expect(doubted).toEqual(["one"]);
});

test("I34: after a home that failed the next best is asked, not the same once more", async () => {
	const { calls, add } = sends(node => node === "one");
	await add("a@one@two", "1");
	expect(calls.map(({ node }) => node)).toEqual(["one", "two"]);
});

test("I30: what waits behind a send that was slow to fail hears the same at once, and what comes later is tried", async () => {
	let isAway = true;
	const { calls, add } = sends(() => isAway, 1_100);
	const first = add("a", "1").catch((err: Error) => err.message);
	await turn();
	const [second, other] = [add("a", "2").catch((err: Error) => err.message), add("b", "3").catch(() => "")];
	expect(await first).toBe("away");
	expect(await Promise.race([second, wait(50)])).toBe("away");
	await other;
	isAway = false;
	expect(await add("a", "4")).toMatchObject({ content: "4" });
	expect(calls.map(({ sends }) => sends.map(({ content }) => content))).toEqual([["1"], ["3"], ["4"]]);
});

test("I30: so it is where each send is told by itself that nobody answered, and not where one is refused", async () => {
	let type = "UNAVAILABLE";
	const { calls, add } = sends(
		() => false,
		1_100,
		() => ({ failure: { type, message: type, details: null } }),
	);
	const said = (sent: Promise<unknown>) => sent.catch((err: Error) => err.message);
	const first = said(add("a", "1"));
	await turn();
	const second = said(add("a", "2"));
	expect(await first).toBe("UNAVAILABLE");
	expect(await Promise.race([second, wait(50)])).toBe("UNAVAILABLE");
	expect(calls).toHaveLength(1);
	type = "FORBIDDEN";
	await Promise.all([said(add("a", "3")), turn().then(() => said(add("a", "4")))]);
	expect(calls.map(({ sends }) => sends.map(({ content }) => content))).toEqual([["1"], ["3"], ["4"]]);
});
