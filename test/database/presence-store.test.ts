import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Redis } from "ioredis";
import { newId } from "../../lib/ids.ts";
import { openRedis } from "../../mixins/redis.ts";
import { isTransition, withChoice, withLease, withoutLease } from "../../services/presence/presence.rules.ts";
import { memoryStore } from "../../services/presence/presence.store.memory.ts";
import { RedisPresenceStore } from "../../services/presence/presence.store.redis.ts";
import type { PresenceStore } from "../../services/presence/presence.store.ts";
import { proxy } from "../support/proxy.ts";
import { type ServerProcess, startRedis } from "../support/servers.ts";
import { eventually } from "../support/stage.ts";

/** Longer than this no command waits for Redis, see mixins/redis.ts. */
const REDIS_ANSWERS_MS = 1_000;
const silent = { warn() {}, info() {} };
const sleep = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));
const lease = (id: string, ttlMs = 30_000) => withLease(id, { ttlMs });

let server: ServerProcess;
let client: Redis;
let second: Redis;
let outages: unknown[] = [];
const namespace = `t_${newId().slice(-8)}`;
const onNode = (redis: Redis, graceMs = 0, leaseMs = 0) =>
	new RedisPresenceStore(redis, { prefix: namespace, graceMs, leaseMs, onAway: err => outages.push(err) });

beforeAll(async () => {
	server = await startRedis();
	client = openRedis({ url: server.url }, silent);
	second = openRedis({ url: server.url }, silent);
	await Promise.all([client.connect(), second.connect()]);
	// A machine that stalls is no outage.
	for (const { options } of [client, second]) options.commandTimeout = 20_000;
});
afterAll(async () => {
	client.disconnect();
	second.disconnect();
	await server.stop();
});

describe.each<[string, () => PresenceStore]>([
	["in memory", () => memoryStore()],
	["in Redis", () => onNode(client)],
])("presence %s", (_, open) => {
	test("someone who never came is offline, and was never seen", async () => {
		const [user] = await open().readMany([newId()]);
		expect(user).toMatchObject({ told: { status: "offline", text: null }, lastSeenAt: null, leases: {} });
	});

	test("users are read in the order asked for", async () => {
		const store = open();
		const [ann, bob] = [newId(), newId()];
		await store.update(bob, lease("b"));
		const users = await store.readMany([ann, bob, ann]);
		expect(users.map(user => user.told.status)).toEqual(["offline", "online", "offline"]);
		expect(await store.readMany([])).toEqual([]);
	});

	test("an update answers with what was and what is", async () => {
		const store = open();
		const ann = newId();
		const came = await store.update(ann, lease("a"));
		expect([came.before.told.status, came.after.told.status]).toEqual(["offline", "online"]);
		const again = await store.update(ann, lease("a"));
		expect(isTransition(again)).toBe(false);
		const busy = await store.update(ann, withChoice("dnd", "busy"));
		expect(busy.after.told).toEqual({ status: "dnd", text: "busy" });
	});

	test("a lease that ends is due, and settled it is so no more", async () => {
		const store = open();
		const [ann, bob] = [newId(), newId()];
		await store.update(ann, lease("a", 50));
		await store.update(bob, lease("b"));
		await sleep(80);
		const due = await store.due(100);
		expect(due).toContain(ann);
		expect(due).not.toContain(bob);
		const { before, after } = await store.update(ann, user => user);
		expect([before.told.status, after.told.status]).toEqual(["online", "offline"]);
		expect(Math.abs(Date.now() - (after.lastSeenAt ?? 0))).toBeLessThan(30_000);
		expect(await store.due(100)).not.toContain(ann);
	});

	test("what is read is settled, though nobody has swept", async () => {
		const store = open();
		const ann = newId();
		await store.update(ann, lease("a", 50));
		await sleep(80);
		expect((await store.readMany([ann]))[0]?.told.status).toBe("offline");
	});

	test("due users come in bounded numbers", async () => {
		const store = open();
		await Promise.all(Array.from({ length: 5 }, () => store.update(newId(), lease("a", 1))));
		await sleep(10);
		expect(await store.due(3)).toHaveLength(3);
	});

	test("fifty devices at once lose none of their leases, and one of them brings the user online", async () => {
		const store = open();
		const ann = newId();
		const ids = Array.from({ length: 50 }, (_, i) => `c${i}`);
		const changes = await Promise.all(ids.map(id => store.update(ann, lease(id))));
		expect(changes.filter(isTransition)).toHaveLength(1);
		const [user] = await store.readMany([ann]);
		expect(Object.keys(user?.leases ?? {}).sort()).toEqual(ids.sort());
	});
});

describe("presence of several nodes in Redis", () => {
	test("of many users who change at once, each keeps what another node wrote meanwhile", async () => {
		const [here, there] = [onNode(client), onNode(second)];
		const people = Array.from({ length: 600 }, newId);
		await Promise.all(people.map(id => here.update(id, lease("phone"))));
		// Every third one changes where `here` does not see it.
		const moved = people.filter((_, i) => i % 3 === 0);
		await Promise.all(moved.map(id => there.update(id, lease("laptop"))));
		const changes = await Promise.all(people.map(id => here.update(id, withChoice("dnd", `busy ${id}`))));
		expect(changes.every(isTransition)).toBe(true);
		const users = await there.readMany(people);
		for (const [i, user] of users.entries()) {
			expect(Object.keys(user.leases).sort()).toEqual(i % 3 === 0 ? ["laptop", "phone"] : ["phone"]);
			expect(user.told).toEqual({ status: "dnd", text: `busy ${people[i]}` });
		}
	});

	test("one user's changes of a turn happen one after another", async () => {
		const store = onNode(client);
		const ann = newId();
		const changes = await Promise.all([
			store.update(ann, lease("a")),
			store.update(ann, withChoice("away", null)),
			store.update(ann, withoutLease("a")),
			store.update(ann, lease("b")),
		]);
		expect(changes.map(({ after }) => after.told.status)).toEqual(["online", "away", "away", "away"]);
		for (const [i, { before }] of changes.entries()) if (i > 0) expect(before).toEqual(changes[i - 1]?.after);
		expect(Object.keys((await store.readMany([ann]))[0]?.leases ?? {})).toEqual(["b"]);
	});

	test("a round that Redis answers is one command, however many change", async () => {
		const store = onNode(client);
		await store.update(newId(), lease("a"));
		const calls = async () =>
			Number(/cmdstat_evalsha:calls=(\d+)/.exec(await second.info("commandstats"))?.[1] ?? 0);
		const before = await calls();
		await Promise.all(Array.from({ length: 100 }, () => store.update(newId(), lease("a"))));
		expect((await calls()) - before).toBe(1);
	});

	test("a user with a device on each node is offline when the last goes", async () => {
		const [here, there] = [onNode(client), onNode(second)];
		const ann = newId();
		await here.update(ann, lease("a"));
		await there.update(ann, lease("b"));
		await here.update(ann, withoutLease("a"));
		expect((await there.readMany([ann]))[0]?.told.status).toBe("online");
		await there.update(ann, withoutLease("b"));
		await sleep(2_600);
		expect((await here.readMany([ann]))[0]?.told.status).toBe("offline");
	});

	test("of all nodes that sweep, one finds a user who vanished", async () => {
		const nodes = [onNode(client), onNode(second), onNode(client), onNode(second)];
		const ids = Array.from({ length: 40 }, newId);
		await Promise.all(ids.map(id => nodes[0]?.update(id, lease("a", 20))));
		await sleep(50);
		const found = (await Promise.all(nodes.map(node => node.due(500)))).flat().filter(id => ids.includes(id));
		expect(found.sort()).toEqual([...ids].sort());
	});

	test("what a node took and did not settle, since it died, comes up again", async () => {
		const [here, there] = [onNode(client), onNode(second)];
		const ann = newId();
		await here.update(ann, lease("a", 10));
		await sleep(30);
		expect(await here.due(500)).toContain(ann);
		expect(await there.due(500)).not.toContain(ann);
		await sleep(3_100);
		expect(await there.due(500)).toContain(ann);
	});

	test("every key has the installation's prefix, and stays as long as a node asks for it", async () => {
		const node = onNode(client);
		await node.update(newId(), lease("a"));
		await node.due(1);
		const keys = await client.keys("*");
		expect(keys.filter(key => !key.startsWith(`${namespace}:presence:`))).toEqual([]);
		for (const key of keys) expect([key, (await client.pttl(key)) > 0]).toEqual([key, true]);

		const shared = [`${namespace}:presence:due`, `${namespace}:presence:mark`];
		for (const key of shared) await client.pexpire(key, 60_000);
		await node.due(1);
		for (const key of shared) expect(await client.pttl(key)).toBeGreaterThan(60_000);
	});
});

describe("I21: after Redis lost everything", () => {
	test("a node goes on from what it knows, and what was chosen stays", async () => {
		const node = onNode(client);
		const ann = newId();
		await node.update(ann, lease("a"));
		await node.update(ann, withChoice("dnd", "busy"));
		await client.flushall();
		const beat = await node.update(ann, lease("a"));
		expect(isTransition(beat)).toBe(false);
		expect((await onNode(second).readMany([ann]))[0]?.told).toEqual({ status: "dnd", text: "busy" });
	});

	test("who vanished just before is due once a lease's time is over, and who stayed is not taken for gone", async () => {
		const [here, there] = [onNode(client, 0, 4_500), onNode(second, 0, 4_500)];
		const [stays, vanished] = [newId(), newId()];
		for (const id of [stays, vanished]) await here.update(id, lease("a", 3_000));
		await there.readMany([stays, vanished]);
		// The same node is the first to sweep before and after.
		for (const node of [there, here]) await node.due(500);
		await client.flushall();
		const changed = new Map<string, string[]>();
		for (let i = 0; i < 30; i++) {
			await here.update(stays, lease("a", 3_000));
			for (const node of [there, here]) {
				for (const id of [...(await node.due(500)), ...node.doubtful(500)]) {
					const change = await node.update(id, user => user);
					if (isTransition(change)) changed.set(id, [...(changed.get(id) ?? []), change.after.told.status]);
				}
			}
			await sleep(200);
		}
		expect([changed.get(stays), changed.get(vanished)]).toEqual([undefined, ["offline"]]);
	});

	test("a node that knows nothing learns it from the next heartbeat", async () => {
		const ann = newId();
		await onNode(client).update(ann, lease("a"));
		await client.flushall();
		const beat = await onNode(second).update(ann, lease("a"));
		expect(beat.after.told.status).toBe("online");
	});
});

describe("while Redis is away", () => {
	test("what is chosen is there for all once it is back, and told as a change", async () => {
		const link = await proxy(server.url);
		const linked = openRedis({ url: link.url }, silent);
		await linked.connect();
		const [here, there] = [onNode(linked), onNode(second)];
		const [ann, bob] = [newId(), newId()];
		for (const id of [ann, bob]) await here.update(id, lease("a"));
		await link.refuse();
		const alone = await here.update(ann, withChoice("dnd", "busy"));
		expect(alone.after.told.status).toBe("dnd");
		// Who only stays has nothing to tell.
		for (const id of [ann, bob]) await here.update(id, lease("a"));
		await link.pass();
		const doubtful = await eventually(
			async () => {
				await here.due(500);
				return here.doubtful(500);
			},
			ids => ids.length > 0,
		);
		expect(doubtful).toEqual([ann]);
		const changed = await here.update(ann, user => user);
		expect([changed.before, changed.after].map(({ told }) => told.status)).toEqual(["online", "dnd"]);
		expect((await there.readMany([ann]))[0]?.told).toEqual({ status: "dnd", text: "busy" });
		expect(isTransition(await here.update(ann, lease("a")))).toBe(false);
		linked.disconnect();
		await link.close();
	});

	test("what is chosen while a write is on its way that is answered late is not taken for heard with it", async () => {
		const impatient = openRedis({ url: server.url }, silent);
		await impatient.connect();
		const [here, there] = [onNode(impatient), onNode(second)];
		const ann = newId();
		await here.update(ann, lease("a"));
		await server.sigstop();
		const startedAt = Date.now();
		const read = here.readMany([ann]).then(() => Date.now() - startedAt);
		await sleep(REDIS_ANSWERS_MS / 2);
		const late = here.update(ann, withChoice("away", ""));
		expect(await read).toBeLessThan(REDIS_ANSWERS_MS * 1.4);
		// Redis is known to be away now, and that write is still on its way.
		const alone = await here.update(ann, withChoice("dnd", "busy"));
		await server.sigcont();
		expect([await late, alone].map(({ after }) => after.told.status)).toEqual(["away", "dnd"]);
		const seenThere = await eventually(
			async () => {
				await here.update(ann, lease("a"));
				return (await there.readMany([ann]))[0]?.told;
			},
			told => told?.status === "dnd",
		);
		expect(seenThere).toEqual({ status: "dnd", text: "busy" });
		impatient.disconnect();
	});

	test("calls answer from what the node knows, the outage is told once, and afterwards nobody is swept too early", async () => {
		const impatient = openRedis({ url: server.url }, silent);
		await impatient.connect();
		const node = onNode(impatient, 6_000);
		const [ann, bob] = [newId(), newId()];
		await node.update(ann, lease("a"));
		outages = [];
		await server.sigstop();
		const startedAt = Date.now();
		const [beat, others] = await Promise.all([node.update(ann, lease("a")), node.readMany([ann, bob])]);
		expect(beat.after.told.status).toBe("online");
		expect(others.map(user => user.told.status)).toEqual(["online", "offline"]);
		expect(await node.due(10)).toEqual([]);
		expect(Date.now() - startedAt).toBeLessThan(10_000);
		expect(outages).toHaveLength(1);

		await node.update(ann, lease("short", 10));
		await server.sigcont();
		await until(async () => {
			await node.update(bob, lease("b", 10));
			return (
				(await client.ping().catch(() => "")) === "PONG" &&
				(await client.exists(`${namespace}:presence:user:${bob}`)) === 1
			);
		});
		expect(await node.due(10)).toEqual([]);
		await sleep(6_100);
		expect(await node.due(10)).toContain(bob);
		expect(outages).toHaveLength(1);
		impatient.disconnect();
	}, 60_000);

	test("a Redis that refuses connections is as one that hangs", async () => {
		const nowhere = new Redis(1, "127.0.0.1", {
			lazyConnect: true,
			enableOfflineQueue: false,
			retryStrategy: null,
		});
		nowhere.on("error", () => {});
		outages = [];
		const node = onNode(nowhere);
		const ann = newId();
		expect((await node.update(ann, lease("a"))).after.told.status).toBe("online");
		expect((await node.readMany([ann]))[0]?.told.status).toBe("online");
		expect(outages).toHaveLength(1);
		nowhere.disconnect();
	});
});

async function until(done: () => Promise<boolean>) {
	for (let tries = 0; tries < 100; tries++) {
		if (await done()) return;
		await sleep(100);
	}
	throw new Error("It did not come to be.");
}
