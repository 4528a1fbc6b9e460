import { once } from "node:events";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Redis } from "ioredis";
import { newId } from "../../lib/ids.ts";
import { openRedis } from "../../mixins/redis.ts";
import { type LoginGuard, loginGuard } from "../../services/auth/login-guard.ts";
import { type ServerProcess, startRedis } from "../support/servers.ts";

const silent = { warn() {}, info() {} };
const namespace = `t_${newId().slice(-8)}`;
let server: ServerProcess;
let clients: Redis[];
let nodes: LoginGuard[];

beforeAll(async () => {
	server = await startRedis();
	clients = [openRedis({ url: server.url }, silent), openRedis({ url: server.url }, silent)];
	await Promise.all(clients.map(client => client.connect()));
	// A machine that stalls is no outage.
	for (const { options } of clients) options.commandTimeout = 20_000;
	nodes = clients.map(client => loginGuard(client, namespace));
});
afterAll(async () => {
	for (const client of clients) client.disconnect();
	await server.stop();
});

const node = (i: number) => nodes[i % nodes.length] as LoginGuard;
async function fail(account: string, times: number, address = "203.0.113.9") {
	for (let i = 0; i < times; i++) await node(i).failed(account, address);
}

test("T21: nodes count the failures of an account together", async () => {
	const account = newId();
	await fail(account, 9);
	expect(await node(0).isLocked(account, "198.51.100.1")).toBe(false);
	await fail(account, 1);
	expect(await Promise.all([0, 1].map(i => node(i).isLocked(account, "198.51.100.1")))).toEqual([true, true]);
	expect(await node(0).isLocked(newId(), "198.51.100.1")).toBe(false);
});

test("T21: an address that the account was used from is known on every node, and counted by itself", async () => {
	const account = newId();
	await node(0).succeeded(account, "192.0.2.1");
	await fail(account, 10);
	expect(await node(1).isLocked(account, "192.0.2.1")).toBe(false);
	await fail(account, 10, "192.0.2.1");
	expect(await node(0).isLocked(account, "192.0.2.1")).toBe(true);
});

test("what is counted has the installation's prefix and does not stay", async () => {
	const account = newId();
	await fail(account, 2);
	await node(0).succeeded(account, "192.0.2.1");
	await fail(account, 2);
	const keys = await (clients[0] as Redis).keys("*");
	for (const key of keys) {
		expect(key).toMatch(new RegExp(`^${namespace}:login-(failures|known):`));
		expect(await (clients[0] as Redis).ttl(key)).toBeGreaterThan(0);
	}
	const ttl = await (clients[0] as Redis).ttl(`${namespace}:login-failures:${account}`);
	expect(ttl).toBeGreaterThan(880);
	expect(ttl).toBeLessThanOrEqual(900);
});

test("while Redis is away each node counts by itself", async () => {
	const account = newId();
	await server.kill9();
	await fail(account, 20);
	expect(await node(0).isLocked(account, "198.51.100.1")).toBe(true);
	expect(await node(1).isLocked(newId(), "198.51.100.1")).toBe(false);
	await server.restart();
	await Promise.all(clients.map(client => client.ping().catch(() => once(client, "ready"))));
});
