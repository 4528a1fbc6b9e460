import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Redis } from "ioredis";
import type { Presence } from "../../contracts/presence.ts";
import * as presence from "../../contracts/presence.ts";
import { type ServerProcess, startRedis } from "../support/servers.ts";
import { eventually } from "../support/stage.ts";

// Before anything reads the configuration.
const server: ServerProcess = await startRedis();
process.env.CHAT_REDIS_URL = server.url;
process.env.CHAT_PRESENCE_TTL = "5";
const { testBroker } = await import("../support/broker.ts");
const { newId } = await import("../../lib/ids.ts");
const { default: presenceService } = await import("../../services/presence/presence.service.ts");

type Node = Awaited<ReturnType<typeof testBroker>>;
let nodes: [Node, Node];
let heard: { users: Presence[] }[][];
beforeAll(async () => {
	nodes = [await testBroker(presenceService), await testBroker(presenceService)];
	heard = nodes.map(node => node.heard("presence.changed"));
});
afterAll(async () => {
	await nodes[0].stop();
	await nodes[1].stop();
	await server.stop();
});

const sleep = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));
/** What all nodes together announced: without a transporter each hears its own. */
const told = (userId: string) =>
	heard
		.flat()
		.flatMap(({ users }) => users)
		.filter(user => user.userId === userId)
		.map(({ status }) => status);
const lease = async (node: 0 | 1, userId: string, connectionId: string) =>
	(await nodes[node].as("")(presence.leases, { leases: [{ userId, connectionId }] }))[0];
const of = async (node: 0 | 1, userId: string) =>
	(await nodes[node].as("")(presence.of, { userIds: [userId] }))[0]?.status;

test("I20: devices on two nodes are one user, whose going is announced once", async () => {
	const people = Array.from({ length: 20 }, newId);
	await Promise.all(people.flatMap(userId => [lease(0, userId, "phone"), lease(1, userId, "laptop")]));
	const allTold = (times: number) =>
		eventually(
			() => people.map(told),
			all => all.every(({ length }) => length >= times),
		);
	await allTold(1);
	for (const userId of people) expect(told(userId)).toEqual(["online"]);
	await allTold(2);
	// The other node looks for ended leases as well.
	await sleep(1_500);
	for (const userId of people) expect(told(userId)).toEqual(["online", "offline"]);
});

test("I21: after FLUSHALL presence is right again soon after a lease's time", async () => {
	const [stays, leaves] = [newId(), newId()];
	await lease(0, stays, "phone");
	await lease(0, leaves, "phone");
	const redis = new Redis(server.url);
	await redis.flushall();
	redis.disconnect();
	for (let i = 0; i < 12; i++) {
		await lease(0, stays, "phone");
		await sleep(600);
	}
	expect(await Promise.all([of(0, stays), of(1, stays)])).toEqual(["online", "online"]);
	expect(await Promise.all([of(0, leaves), of(1, leaves)])).toEqual(["offline", "offline"]);
});

test("I31: a Redis that hangs, or is killed and comes back empty, throws nothing into a socket's life", async () => {
	const ann = newId();
	await lease(0, ann, "phone");
	for (const [away, back] of [
		[() => server.sigstop(), () => server.sigcont()],
		[() => server.kill9(), () => server.restart()],
	] as const) {
		await away();
		const startedAt = Date.now();
		expect((await lease(0, ann, "phone"))?.status).toBe("online");
		expect(await of(0, ann)).toBe("online");
		expect(Date.now() - startedAt).toBeLessThan(10_000);
		await back();
		// Until both nodes are connected again, heartbeats go on.
		for (let i = 0; i < 40 && (i < 4 || (await of(1, ann)) !== "online"); i++) {
			await lease(0, ann, "phone");
			await sleep(500);
		}
		expect(await of(1, ann)).toBe("online");
	}
	expect(told(ann)).toEqual(["online"]);
}, 90_000);
