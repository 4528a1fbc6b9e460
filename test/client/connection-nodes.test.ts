import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { balancer } from "../support/balancer.ts";
import { hangUp, linkTo, onlineLink } from "../support/links.ts";
import { type ParleyNode, startNode } from "../support/nodes.ts";
import { person } from "../support/people.ts";
import { freePorts } from "../support/servers/ports.ts";
import { foreignToken } from "../support/tokens.ts";

let folder: string;
const nodes: ParleyNode[] = [];

beforeAll(async () => {
	folder = await mkdtemp(path.join(tmpdir(), "parley-nodes-"));
});

afterAll(async () => {
	hangUp();
	await Promise.all(nodes.filter(({ child }) => child.exitCode === null).map(node => node.kill9()));
	await rm(folder, { recursive: true, force: true });
});

async function node(name: string, env: Record<string, string> = {}): Promise<ParleyNode> {
	const started = await startNode({
		CHAT_DATA_DIR: path.join(folder, name),
		CHAT_JWT_SECRET: randomBytes(32).toString("hex"),
		CHAT_JWT_ISSUERS: JSON.stringify([JSON.parse(process.env.PARLEY_FOREIGN_ISSUER as string)]),
		...env,
	});
	nodes.push(started);
	return started;
}

/** A host application's user is known to every server that trusts it, without an account. */
const token = foreignToken("ann", { name: "Ann" });

test("a server that crashes and starts again is online again by itself", async () => {
	const [port] = await freePorts(1);
	const env = { CHAT_PORT: String(port) };
	const { url, kill9 } = await node("crash", env);
	// Never unreachable: a stall would skip what comes before it.
	const times = { unreachableMs: 600_000 };
	const { statuses, reaches, sockets } = await onlineLink(url, token, { times });
	await kill9();
	await reaches("reconnecting");
	const again = await node("crash", env);
	await reaches("online");
	expect(statuses.slice(0, 5)).toEqual(["idle", "connecting", "online", "resuming", "reconnecting"]);
	expect(sockets()).toBe(2);
	await again.kill9();
});

test("I37: a node that drains hands over to another one, and the connection never leaves online", async () => {
	const [one, two] = await Promise.all([node("one"), node("two")]);
	const entry = await balancer(one.url);
	const { link, statuses, sockets } = await onlineLink(entry.url, token);
	const drained: number[] = [];
	link.on("server:draining", ({ reconnectIn }) => drained.push(reconnectIn));
	const call = async () =>
		link.call("heartbeat", {}).then(
			() => "ok",
			err => String(err),
		);
	const calls: Promise<string>[] = [];
	const busy = setInterval(() => calls.push(call()), 20);
	entry.pointTo(two.url);
	expect(await one.stop()).toBe(0);
	clearInterval(busy);
	expect(new Set(await Promise.all(calls))).toEqual(new Set(["ok"]));
	expect(drained).toHaveLength(1);
	expect(statuses).toEqual(["idle", "connecting", "online"]);
	expect(sockets()).toBe(2);
	entry.close();
	hangUp();
	await two.kill9();
});

test("who connects too often waits as long as the server says", async () => {
	const { url, kill9 } = await node("limits", { CHAT_RATE_LIMITS: "on" });
	const ann = await person("ann", [url]);
	for (let n = 0; n < 30; n++) (await onlineLink(url, ann.token)).link.disconnect();
	const { link, errors, reaches } = linkTo(url, ann.token, { times: { unreachableMs: 60_000 } });
	const startedAt = Date.now();
	link.connect();
	while (errors.length === 0) await new Promise(done => setTimeout(done, 20));
	const { retryAt, status, error } = link.state.get();
	expect(error?.code).toBe("RATE_LIMITED");
	expect(status).toBe("connecting");
	const retryAfterMs = (error?.retryAfter ?? 0) * 1_000;
	expect(retryAfterMs).toBeGreaterThan(0);
	expect(retryAt).toBeGreaterThanOrEqual(startedAt + retryAfterMs);
	// Asking for it does not help either.
	link.connect();
	expect(link.state.get().retryAt).toBeGreaterThanOrEqual(startedAt + retryAfterMs);
	expect(errors).toHaveLength(1);
	if (retryAfterMs < 20_000) await reaches("online");
	hangUp();
	await kill9();
});
