/** Whole nodes on a Redis Cluster, and on a master that a sentinel watches, with TLS and without: while a server of it dies. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { Redis } from "ioredis";
import { type Certificates, makeCertificates } from "../support/certificates.ts";
import { endClients, enter, until } from "../support/clients.ts";
import { type ParleyNode, startNode } from "../support/nodes.ts";
import { goHome, ok, type Person, person } from "../support/people.ts";
import { startRedisCluster } from "../support/servers/redis-cluster.ts";
import { startWatched } from "../support/servers/redis-sentinel.ts";
import type { SecureRedis } from "../support/servers/redis-tls.ts";
import { type ServerProcess, startPostgres } from "../support/servers.ts";
import { eventually } from "../support/stage.ts";

const PASSWORD = "only for this test";
const SENTINEL_PASSWORD = "another one";
const LOGIN = `:${encodeURIComponent(PASSWORD)}@127.0.0.1`;
const BACK_WITHIN_MS = 30_000;
const HEARD_WITHIN_MS = 500;

interface Servers {
	/** Without what stands before `+` or `:`. */
	address: string;
	/** Those that keep data and carry the bus. */
	data: SecureRedis[];
	all: SecureRedis[];
	/** Whether what was kept at the one that dies is kept at another. */
	hasReplica: boolean;
}

let postgres: ServerProcess;
let certificates: Certificates;
beforeAll(async () => {
	[postgres, certificates] = await Promise.all([startPostgres(), makeCertificates()]);
});
afterAll(async () => {
	await postgres?.stop();
	certificates?.remove();
});
afterEach(() => {
	endClients();
	goHome();
});

const portOf = ({ port, tlsPort }: SecureRedis) => tlsPort || port;

async function aCluster(own?: Certificates): Promise<Servers> {
	const all = await startRedisCluster(3, PASSWORD, own);
	return {
		address: `+cluster://${LOGIN}:${all.map(portOf).join(",127.0.0.1:")}`,
		data: all,
		all,
		hasReplica: false,
	};
}

async function aMaster(own?: Certificates): Promise<Servers> {
	const { master, replica, sentinel } = await startWatched({
		name: "main",
		password: PASSWORD,
		sentinelPassword: SENTINEL_PASSWORD,
		...(own && { certificates: own }),
	});
	const query = `sentinelPassword=${encodeURIComponent(SENTINEL_PASSWORD)}`;
	const address = `+sentinel://${LOGIN}:${portOf(sentinel)}/main?${query}`;
	return { address, data: [master, replica], all: [sentinel, replica, master], hasReplica: true };
}

/** The one at which nodes listen to most. */
async function busiest(servers: readonly SecureRedis[]): Promise<SecureRedis> {
	const channels = await Promise.all(
		servers.map(async ({ port }) => {
			const client = new Redis({ port, password: PASSWORD });
			const all = (await client.pubsub("CHANNELS", "MOL-*")) as unknown[];
			client.disconnect();
			return all.length;
		}),
	);
	expect(Math.max(...channels)).toBeGreaterThan(0);
	return servers[channels.indexOf(Math.max(...channels))] as SecureRedis;
}

describe.each([
	["a cluster of three", aCluster, "redis"],
	["a cluster of three, over TLS", aCluster, "rediss"],
	["a master that a sentinel watches", aMaster, "redis"],
	["a master that a sentinel watches, over TLS", aMaster, "rediss"],
])("on %s", (_name, startServers, scheme) => {
	let servers: Servers;
	const nodes: ParleyNode[] = [];

	beforeAll(async () => {
		const isSecure = scheme === "rediss";
		servers = await startServers(isSecure ? certificates : undefined);
		const env = {
			CHAT_NAMESPACE: `on_${servers.data[0]?.port}`,
			CHAT_DATABASE_URL: postgres.url,
			CHAT_REDIS_URL: `${scheme}${servers.address}`,
			CHAT_JWT_SECRET: "only for this test, and long enough",
			...(isSecure && { CHAT_REDIS_CA_FILE: certificates.ca }),
		};
		// One after the other: the first one migrates.
		for (let i = 0; i < 2; i++) nodes.push(await startNode(env));
	});
	afterAll(async () => {
		await Promise.all(nodes.map(node => node.kill9()));
		await Promise.all((servers?.all ?? []).map(server => server.stop()));
	});

	test("I31: people at two nodes hear and see each other, and go on while a server of it dies", async () => {
		const [ann, ben] = (await Promise.all(nodes.map(({ url }) => person("p", [url])))) as [Person, Person];
		const chat = await ann.direct(ben);
		const [anns, bens] = [await ann.receiver(), await ben.receiver()];
		const said: string[] = [];
		/** Both say something, which must not be refused; whether each is heard at the other's node within a moment. */
		const areHeard = async () => {
			const heard = [];
			for (const [one, ears] of [
				[ann, bens],
				[ben, anns],
			] as const) {
				const content = `message ${said.length}`;
				said.push(content);
				await one.say(chat.id, content);
				heard.push(ears.waitFor("message", message => message.content === content, HEARD_WITHIN_MS));
			}
			return (await Promise.allSettled(heard)).every(({ status }) => status === "fulfilled");
		};
		const statusOf = async () =>
			(await anns.emit("presence:subscribe", { userIds: [ben.id] })).users?.[0]?.status;
		expect(await eventually(areHeard, Boolean)).toBe(true);
		expect(await eventually(statusOf, status => status === "online")).toBe("online");

		await (await busiest(servers.data)).kill9();
		expect(await eventually(areHeard, Boolean, BACK_WITHIN_MS)).toBe(true);
		if (servers.hasReplica) {
			ok(await ben.rest.put("/presence", { status: "away" }));
			expect(await eventually(statusOf, status => status === "away", BACK_WITHIN_MS)).toBe("away");
		}
		// What the bus did not bring stands in the log, in its place.
		const open = (await enter(ben)).chat(chat.id);
		open.open();
		const { messages } = await until(open.state, ({ messages }) => messages.at(-1)?.content === said.at(-1));
		expect(messages.map(({ content }) => content)).toEqual(said.slice(-messages.length));
	});
});
