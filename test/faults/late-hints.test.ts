import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { figure, inWords } from "../support/figure.ts";
import { type Ground, prepareGround } from "../support/ground.ts";
import { Load } from "../support/load.ts";
import { goHome, type Person, person } from "../support/people.ts";
import { check, NOTHING } from "../support/record.ts";
import { connect, type TestSocket } from "../support/socket.ts";
import { eventually } from "../support/stage.ts";
import { acked } from "../support/verdict.ts";

/** How late broker events come where they are late, in ms. */
const LATE_MS = 1_500;

let ground: Ground;

beforeAll(async () => {
	// Limits would be asked of Redis, and so wait for what is late.
	const env = { CHAT_RATE_LIMITS: "off" };
	ground = await prepareGround([env, env]);
}, 120_000);

afterAll(async () => {
	goHome();
	await ground?.stop();
});

/** What a device was told live, in the order of telling. */
function told({ events }: TestSocket): Map<string, number[]> {
	const messages = events.filter(({ name }) => name === "message").map(({ data }) => data);
	const byChat = Map.groupBy(messages, ({ chatId }) => chatId as string);
	return new Map([...byChat].map(([chatId, list]) => [chatId, list.map(({ seq }) => seq as number)]));
}

test("I8: though each node hears of the other up to 300 ms late, every device is told each seq, in order", async () => {
	const { urls, links } = ground;
	const crowd = (await Promise.all(["ann", "ben", "cem"].map(name => person(name, urls)))) as [
		Person,
		Person,
		Person,
	];
	const [ann, ben, cem] = crowd;
	const chats = await Promise.all([ann.group(ben, cem), ben.group(cem, ann)]);
	const ids = chats.map(({ id }) => id);
	const sockets = await Promise.all(crowd.flatMap(({ token }) => urls.map(url => connect(url, token))));
	for (const { redis } of links) redis.delay(0, 300);
	const load = new Load({ senders: crowd, chatIds: ids, parallel: 6, pauseMs: 40 });
	await sleep(8_000);
	const operations = await load.stop();
	expect(load.ok).toBeGreaterThan(200);
	for (const { redis } of links) await redis.pass();

	const stored = await ground.stored(ids);
	const findings = await eventually(
		() => check(operations, stored, sockets.map(told)),
		({ unseen }) => unseen.length === 0,
		15_000,
	);
	for (const socket of sockets) socket.close();
	expect(findings).toEqual(NOTHING);
	figure(
		"I8",
		`${inWords(load.ok)} sends, told up to 300 ms late to ${sockets.length} devices: none out of order`,
	);
}, 60_000);

/** Broker events reach the other node a while after what they tell of can be read. */
async function lately<T>(work: () => Promise<T>): Promise<T> {
	for (const { redis } of ground.links) redis.delay(LATE_MS, LATE_MS);
	try {
		return await work();
	} finally {
		for (const { redis } of ground.links) await redis.pass();
	}
}

test("I8: a member who opens a chat before its node heard of it hears it, also once it is closed, on every device", async () => {
	const [ann, ben] = [await person("ann", [ground.urls[0] as string]), await person("ben", ground.urls)];
	const [socket, other] = [await ben.receiver(), await ben.receiver()];
	const chat = await lately(async () => {
		const made = await ann.group(ben);
		await acked(socket, "chat:join", { chatId: made.id });
		return made;
	});
	// Its creation, on the same way, comes after that of the other.
	const fence = await ann.group(ben);
	await other.waitFor("chat:created", ({ id }) => id === fence.id);
	await acked(socket, "chat:leave", { chatId: chat.id });
	await ann.say(chat.id, "still there?");
	const ofChat = ({ chatId }: { chatId: string }) => chatId === chat.id;
	await Promise.all([socket.waitFor("message", ofChat), other.waitFor("message", ofChat)]);
}, 60_000);

test("I8: who becomes a member while another one's chats are being read is told of the chat, and hears it", async () => {
	const [ann, ben, cem] = [
		await person("ann", [ground.urls[0] as string]),
		await person("ben", ground.urls),
		await person("cem", ground.urls),
	];
	const socket = await ben.receiver();
	const chat = await lately(async () => {
		const made = await ann.group(ben, cem);
		await cem.receiver();
		return made;
	});
	await socket.waitFor("chat:created", ({ id }) => id === chat.id);
	await ann.say(chat.id, "welcome");
	await socket.waitFor("message", ({ chatId }) => chatId === chat.id);
}, 60_000);
