import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { BOUNDS } from "../../services/gateway/sockets/bounds.ts";
import { figure } from "../support/figure.ts";
import { type Ground, prepareGround } from "../support/ground.ts";
import type { ClientModel } from "../support/model.ts";
import type { ParleyNode } from "../support/nodes.ts";
import { type Person, person } from "../support/people.ts";
import { proxy, type TcpProxy } from "../support/proxy.ts";
import { connect, type TestSocket } from "../support/socket.ts";
import { eventually } from "../support/stage.ts";

const SLOW = 50;
const MIB = 1024 * 1024;
/** What each slow client may cost, and what the rest may. */
const GROWTH_MAX = SLOW * BOUNDS.unreadBytesMax + 64 * MIB;
/** More than the kernel holds for a connection on both ends, and less than a cursor may be behind. */
const MESSAGES_MAX = 950;
const CONTENT = "x".repeat(15_000);

let ground: Ground;
let node: ParleyNode;
let link: TcpProxy;
const sockets: TestSocket[] = [];

beforeAll(async () => {
	ground = await prepareGround([{ CHAT_LOG_LEVEL: "warn" }]);
	[node] = ground.nodes as [ParleyNode];
	link = await proxy(node.url);
}, 120_000);

afterAll(async () => {
	for (const socket of sockets) socket.close();
	await link?.close();
	await ground?.stop();
});

async function open(url: string, { token }: Person): Promise<TestSocket> {
	const socket = await connect(url, token);
	sockets.push(socket);
	return socket;
}

const rss = () =>
	Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${node.child.pid}/status`, "utf8"))?.[1]) * 1024;
const cutOff = () => node.output().split("does not read was cut off").length - 1;

test("I35: 50 clients that stop reading are cut off within their bound, others are served meanwhile, and who comes back misses nothing", async () => {
	const [ann, ben, cem] = (await Promise.all(
		["ann", "ben", "cem"].map(name => person(name, ground.urls)),
	)) as [Person, Person, Person];
	const chat = await ann.group(ben, cem);
	const aside = await ann.group(cem);
	const slow = await Promise.all(Array.from({ length: SLOW }, () => open(link.url, ben)));
	// The devices of one user know the same, so one model is all of theirs.
	const model: ClientModel = await ben.model(slow[0]);
	const healthy = await open(node.url, cem);
	const sender = await open(node.url, ann);
	const say = (chatId: string, content: string) => sender.emit("message", { chatId, content });

	await say(chat.id, "to warm up");
	await healthy.waitFor("message");
	const before = rss();
	link.blackhole();
	let most = before;
	let sent = 1;
	const delays: number[] = [];
	while (cutOff() < SLOW && sent < MESSAGES_MAX) {
		const some = Array.from({ length: 5 }, () => say(chat.id, CONTENT));
		sent += some.length;
		const saidAt = Date.now();
		const { message } = await say(aside.id, "how late?");
		await healthy.waitFor("message", ({ id }) => id === message.id, 10_000);
		delays.push(Date.now() - saidAt);
		for (const { status } of await Promise.all(some)) expect(status).toBe("ok");
		most = Math.max(most, rss());
		await sleep(5);
	}
	expect(cutOff()).toBe(SLOW);
	expect(most - before).toBeLessThan(GROWTH_MAX);
	expect(healthy.io.connected && sender.io.connected).toBe(true);
	expect(delays.sort((a, b) => a - b)[Math.floor(delays.length * 0.99)]).toBeLessThan(5_000);
	const seqs = () => healthy.of("message").filter(({ chatId }) => chatId === chat.id);
	await eventually(seqs, list => list.length === sent);
	expect(seqs().map(({ seq }) => seq)).toEqual(Array.from({ length: sent }, (_, n) => n + 1));

	await link.pass();
	await Promise.all(slow.map(socket => socket.closed));
	await model.idle();
	const back = await open(link.url, ben);
	await model.resume();
	back.onEvery((name, payload) => model.take(name, payload));
	await say(chat.id, "are you there?");
	const shown = await eventually(
		() => model.shown.get(chat.id) ?? [],
		list => list.at(-1) === sent + 1,
		20_000,
	);
	expect(shown).toEqual(Array.from({ length: sent + 1 }, (_, n) => n + 1));
	const grownMib = Math.max(0, (most - before) / MIB);
	figure(
		"I35",
		`${SLOW} of ${SLOW} cut off, ${grownMib.toFixed(0)} MiB more memory (${GROWTH_MAX / MIB} at most), and ${shown.length} messages without a gap once they are back`,
	);
}, 150_000);
