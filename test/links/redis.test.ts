/** A Redis Cluster, and a master that sentinels watch: the bus, presence and limits over each, and what is left where a server dies. */
import { randomBytes } from "node:crypto";
import { afterAll, describe, expect, test } from "@jest/globals";
import { Redis } from "ioredis";
import { ServiceBroker } from "moleculer";
import type { Limits } from "../../services/gateway/limits.ts";
import { startRedisCluster } from "../support/servers/redis-cluster.ts";
import { startWatched } from "../support/servers/redis-sentinel.ts";
import { freePorts, type ServerProcess } from "../support/servers.ts";
import { eventually } from "../support/stage.ts";

const PASSWORD = "only for this test";
const SENTINEL_PASSWORD = "another one";
const BACK_WITHIN_MS = 30_000;

const [nobody = 0] = await freePorts(1);
const [cluster, { master, replica, sentinel }] = await Promise.all([
	startRedisCluster(3, PASSWORD),
	startWatched({ name: "main", password: PASSWORD, sentinelPassword: SENTINEL_PASSWORD }),
]);
const login = `:${encodeURIComponent(PASSWORD)}@`;
const URLS = {
	cluster: `redis+cluster://${login}127.0.0.1:${nobody},127.0.0.1:${cluster[0]?.port}`,
	sentinel:
		`redis+sentinel://${login}127.0.0.1:${nobody},127.0.0.1:${sentinel.port}/main` +
		`?sentinelPassword=${encodeURIComponent(SENTINEL_PASSWORD)}`,
};

process.env.NODE_ENV = "test";
process.env.CHAT_LOG_LEVEL = "fatal";
const { newId } = await import("../../lib/ids.ts");
const { sharedPrefix } = await import("../../lib/redis-client.ts");
const { openRedis } = await import("../../mixins/redis.ts");
const { RedisTransporter } = await import("../../lib/redis-transporter.ts");
const { brokerOptions } = await import("../../moleculer.config.ts");
const { waitForRedis } = await import("../../scripts/node/redis.ts");
const { Limits: Counting } = await import("../../services/gateway/limits.ts");
const { withLease } = await import("../../services/presence/presence.rules.ts");
const { RedisPresenceStore } = await import("../../services/presence/presence.store.redis.ts");

const atEnd: (() => unknown)[] = [];
afterAll(async () => {
	for (const end of atEnd.reverse()) await end();
	await Promise.all([...cluster, master, replica, sentinel].map(server => server.stop()));
});

const silent = { warn() {}, info() {} };

async function opened(url: string): Promise<Redis> {
	const client = openRedis({ url }, silent);
	await client.connect();
	// A machine that stalls is no outage.
	client.options.commandTimeout = 20_000;
	atEnd.push(() => client.disconnect());
	return client;
}

/** A node of the bus that says who it is. */
async function busNode(url: string, namespace: string): Promise<ServiceBroker> {
	const transporter = new RedisTransporter({ url }) as unknown as NonNullable<
		ConstructorParameters<typeof ServiceBroker>[0]
	>["transporter"];
	const broker = new ServiceBroker(
		brokerOptions({ namespace, transporter, requestTimeout: 1_000, heartbeatInterval: 1 }),
	);
	const { nodeID } = broker;
	broker.createService({ name: nodeID, actions: { who: () => nodeID } });
	await broker.start();
	atEnd.push(() => broker.stop());
	return broker;
}

/** Whether each of two hears the other. */
async function hearEachOther(one: ServiceBroker, two: ServiceBroker): Promise<boolean> {
	const ask = (from: ServiceBroker, to: ServiceBroker) =>
		from.call(`${to.nodeID}.who`).then(
			who => who === to.nodeID,
			() => false,
		);
	return (await Promise.all([ask(one, two), ask(two, one)])).every(Boolean);
}

/** How many of 200 calls are let through, by nodes that take turns. */
async function passed(nodes: Limits[]): Promise<number> {
	const takes = Array.from({ length: 200 }, (_, i) =>
		(nodes[i % nodes.length] as Limits).take("write", { userId: "ann", address: "203.0.113.1" }),
	);
	return (await Promise.allSettled(takes)).filter(({ status }) => status === "fulfilled").length;
}

describe.each<[string, string]>([
	["a cluster of three", URLS.cluster],
	["a master that sentinels name", URLS.sentinel],
])("with %s", (_name, url) => {
	const namespace = `t_${randomBytes(5).toString("hex")}`;

	test("a start finds it, though the first address is of nobody", async () => {
		await waitForRedis({ url }, () => {});
	});

	test("presence of many users at once is one record for all nodes", async () => {
		const outages: unknown[] = [];
		const stores = await Promise.all(
			[1, 2].map(async () => {
				const client = await opened(url);
				const options = { graceMs: 0, leaseMs: 1_000, onAway: (err: unknown) => outages.push(err) };
				return new RedisPresenceStore(client, { ...options, prefix: sharedPrefix(client, namespace) });
			}),
		);
		const [stay, leave] = [Array.from({ length: 40 }, newId), Array.from({ length: 40 }, newId)];
		const lease = (ids: string[], ttlMs: number) =>
			Promise.all(ids.map((id, i) => stores[i % 2]?.update(id, withLease("phone", { ttlMs }))));
		await Promise.all([lease(stay, 30_000), lease(leave, 1)]);
		const seen = await Promise.all(stores.map(store => store.readMany(stay)));
		for (const records of seen) for (const { told } of records) expect(told.status).toBe("online");
		const due = new Set<string>();
		await eventually(
			async () => {
				for (const store of stores) for (const id of await store.due(100)) due.add(id);
				return due.size;
			},
			size => size === leave.length,
		);
		expect(due).toEqual(new Set(leave));
		expect(outages).toEqual([]);
	});

	test("T14: nodes count together", async () => {
		const config = { rateLimits: true, env: "test" as const, namespace };
		const clients = [await opened(url), await opened(url)];
		const limits = clients.map(client => new Counting(config, client));
		const alone = await passed([new Counting({ ...config, namespace: `${namespace}_x` }, null)]);
		expect(await passed(limits)).toBe(alone);
	});
});

test("what is broadcast is put into bytes once, however many nodes hear it", async () => {
	const namespace = `t_${randomBytes(5).toString("hex")}`;
	const [one, ...others] = await Promise.all([1, 2, 3].map(() => busNode(URLS.cluster, namespace)));
	const heard: string[] = [];
	const hear = ({ params }: { params: object }) => void heard.push(JSON.stringify(params));
	for (const ear of others) ear.createService({ name: `ear-${ear.nodeID}`, events: { "test.said": hear } });
	await one?.waitForServices(others.map(({ nodeID }) => `ear-${nodeID}`));
	let times = 0;
	for (const n of [1, 2]) await one?.broadcast("test.said", { toJSON: () => ({ n, times: ++times }) });
	await eventually(
		() => heard.length,
		count => count === 4,
	);
	const [first, second] = ['{"n":1,"times":1}', '{"n":2,"times":2}'];
	expect(heard.sort()).toEqual([first, first, second, second]);
});

test("a bus on a cluster goes on after the server dies that it listened at", async () => {
	const namespace = `t_${randomBytes(5).toString("hex")}`;
	const [one, two] = [await busNode(URLS.cluster, namespace), await busNode(URLS.cluster, namespace)];
	expect(await eventually(() => hearEachOther(one, two), Boolean)).toBe(true);
	const ear = await eventually(() => listenedAt(cluster, two), Boolean);
	await ear?.kill9();
	expect(await eventually(() => hearEachOther(one, two), Boolean, BACK_WITHIN_MS)).toBe(true);
	expect(await listenedAt(cluster, two)).toBeDefined();
});

test("a bus on a master goes on with the one that takes its place, though the old one only froze", async () => {
	const namespace = `t_${randomBytes(5).toString("hex")}`;
	const [one, two] = [await busNode(URLS.sentinel, namespace), await busNode(URLS.sentinel, namespace)];
	expect(await eventually(() => hearEachOther(one, two), Boolean)).toBe(true);
	const client = await opened(URLS.sentinel);
	await master.sigstop();
	expect(await eventually(() => listenedAt([replica], two), Boolean, BACK_WITHIN_MS)).toBeDefined();
	expect(await eventually(() => hearEachOther(one, two), Boolean, BACK_WITHIN_MS)).toBe(true);
	const role = () => client.role().then(([role]) => role, String);
	expect(await eventually(role, answer => answer === "master")).toBe("master");
	await master.sigcont();
});

/** The server at which a node hears what is for it alone. */
async function listenedAt(
	servers: ServerProcess[],
	broker: ServiceBroker,
): Promise<ServerProcess | undefined> {
	const topic = `MOL-${broker.namespace}.REQ.${broker.nodeID}`;
	for (const server of servers) {
		if (server.pid === undefined) continue;
		const client = new Redis({ port: server.port, password: PASSWORD });
		const [, count] = await client.pubsub("NUMSUB", topic);
		client.disconnect();
		if (Number(count) > 0) return server;
	}
	return undefined;
}
