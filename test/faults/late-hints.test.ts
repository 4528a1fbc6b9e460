import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type Ground, prepareGround } from "../support/ground.ts";
import { Load } from "../support/load.ts";
import { goHome, type Person, person } from "../support/people.ts";
import { check, NOTHING } from "../support/record.ts";
import { connect, type TestSocket } from "../support/socket.ts";
import { eventually } from "../support/stage.ts";

let ground: Ground;

beforeAll(async () => {
	ground = await prepareGround();
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
}, 60_000);
