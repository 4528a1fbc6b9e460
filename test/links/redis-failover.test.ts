/** A master that a sentinel watches dies, and its sentinel tells so while clients are already asking for the next. */
import { afterAll, expect, test } from "@jest/globals";
import type { Redis } from "ioredis";
import { proxy } from "../support/proxy.ts";
import { startWatched } from "../support/servers/redis-sentinel.ts";
import { eventually } from "../support/stage.ts";

const PASSWORD = "only for this test";
const SENTINEL_PASSWORD = "another one";
const CLIENTS = 10;
const BACK_WITHIN_MS = 30_000;
/** Of each answer of the sentinel, so that mostly one of them is under way. */
const SLOW_MS = 300;

process.env.NODE_ENV = "test";
const { openRedis } = await import("../../mixins/redis.ts");

const { master, replica, sentinel } = await startWatched({
	name: "main",
	password: PASSWORD,
	sentinelPassword: SENTINEL_PASSWORD,
});
const link = await proxy(sentinel.url);
const clients: Redis[] = [];

afterAll(async () => {
	for (const client of clients) client.disconnect();
	await link.close();
	await Promise.all([sentinel, replica, master].map(server => server.stop()));
});

test("I31: every client follows to the next master, whenever its sentinel tells of it", async () => {
	const url =
		`redis+sentinel://:${encodeURIComponent(PASSWORD)}@${new URL(link.url).host}/main` +
		`?sentinelPassword=${encodeURIComponent(SENTINEL_PASSWORD)}`;
	for (let i = 0; i < CLIENTS; i++) clients.push(openRedis({ url }, { warn() {}, info() {} }));
	await Promise.all(clients.map(client => client.connect()));
	const roles = () => Promise.all(clients.map(client => client.role().then(([role]) => role, String)));
	const allAtMaster = (all: unknown[]) => all.every(role => role === "master");
	await eventually(roles, allAtMaster);
	link.delay(SLOW_MS, SLOW_MS);
	await master.kill9();
	const last = await eventually(roles, allAtMaster, BACK_WITHIN_MS);
	expect(last).toEqual(clients.map(() => "master"));
});
