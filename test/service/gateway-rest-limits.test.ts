import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { RATES } from "../../contracts/limits.ts";
import type { Config } from "../../lib/config.ts";
import { newId } from "../../lib/ids.ts";
import { addressKey, Proxies } from "../../services/gateway/client-address.ts";
import { Limits } from "../../services/gateway/limits.ts";
import { startGateway } from "../support/gateway.ts";

type Gateway = Awaited<ReturnType<typeof startGateway>>;
let gateway: Gateway;
let openRedis: typeof import("../../mixins/redis.ts").openRedis;

const REDIS = process.env.TEST_REDIS_URL ?? "redis://127.0.0.1:6379";
const CHAT = "01900000-0000-7000-8000-0000000000c1";
const log = { warn() {}, info() {} };
/** A call that runs until a test ends it. */
const begun = Promise.withResolvers<void>();
const ended = Promise.withResolvers<void>();

beforeAll(async () => {
	const held = {
		"inbox.changes": async () => {
			begun.resolve();
			await ended.promise;
			return { done: true };
		},
	};
	gateway = await startGateway(held, { CHAT_RATE_LIMITS: "on" });
	// It reads the configuration, so it comes after the environment.
	({ openRedis } = await import("../../mixins/redis.ts"));
});
afterAll(() => gateway?.stop());

const installation = (): Pick<Config, "rateLimits" | "env" | "namespace"> => ({
	rateLimits: true,
	env: "production",
	namespace: `t_${newId().slice(-8)}`,
});

/** How many of so many calls at once pass. */
async function passed(
	limits: Limits[],
	kind: keyof typeof RATES,
	calls: number,
	who = { userId: "ann", address: "" },
) {
	const outcomes = await Promise.allSettled(
		Array.from({ length: calls }, (_, i) => (limits[i % limits.length] as Limits).take(kind, who)),
	);
	return outcomes.filter(({ status }) => status === "fulfilled").length;
}

test("T14: beyond the burst a sender is told when to come again, and others are not held up", async () => {
	const sends = await Promise.all(
		Array.from({ length: RATES.send.points + 10 }, () =>
			gateway.ann.post(`/chats/${CHAT}/messages`, { content: "hello" }),
		),
	);
	const refused = sends.filter(({ status }) => status === 429);
	expect(refused).toHaveLength(10);
	for (const { body, headers } of refused) {
		expect(body.code).toBe("RATE_LIMITED");
		expect(body.retryAfter).toBeGreaterThanOrEqual(1);
		expect(body.retryAfter).toBeLessThanOrEqual(RATES.send.windowS);
		expect(headers.get("retry-after")).toBe(String(body.retryAfter));
	}
	expect((await gateway.bob.post(`/chats/${CHAT}/messages`, { content: "hello" })).status).toBe(201);
	expect((await gateway.ann.get("/inbox")).status).toBe(200);
});

test("T34: an address that the client makes up does not start the count anew", async () => {
	const statuses = [];
	for (let i = 0; i < RATES.login.points + 1; i++) {
		const headers = {
			"x-forwarded-for": `1.2.3.${i}`,
			forwarded: `for=1.2.3.${i}`,
			"x-real-ip": `1.2.3.${i}`,
		};
		statuses.push(
			(await gateway.nobody.post("/auth/login", { login: "ann", password: "x" }, headers)).status,
		);
	}
	expect(statuses.filter(status => status === 429)).toHaveLength(1);
});

test("an address whose logins are used up may still refresh its sessions, and not for ever", async () => {
	const post = (path: string, body: object) => gateway.nobody.post(path, body);
	// The logins of this address may be used up by now: then all are refused.
	const logins = Array.from({ length: RATES.login.points + 1 }, () =>
		post("/auth/login", { login: "ann", password: "x" }),
	);
	expect((await Promise.all(logins)).map(({ status }) => status)).toContain(429);
	const refreshes = await Promise.all(
		Array.from({ length: RATES.refresh.points + 5 }, () => post("/auth/refresh", { refreshToken: "x" })),
	);
	expect(refreshes.filter(({ status }) => status === 200)).toHaveLength(RATES.refresh.points);
	expect(refreshes.filter(({ status }) => status === 429)).toHaveLength(5);
});

test("T34: a proxy that is trusted tells the address, up to the nearest that is not ours", () => {
	const proxies = new Proxies(["10.0.0.0/8", "fd00::/8", "192.0.2.7"]);
	const address = (remoteAddress: string, forwarded?: string) =>
		proxies.addressOf({ headers: { "x-forwarded-for": forwarded }, socket: { remoteAddress } } as never);
	expect(address("8.8.8.8", "1.1.1.1")).toBe("8.8.8.8");
	expect(address("10.0.0.1", "1.1.1.1")).toBe("1.1.1.1");
	expect(address("::ffff:10.0.0.1", "6.6.6.6, 1.1.1.1, 10.9.9.9")).toBe("1.1.1.1");
	expect(address("fd00::1", "2001:db8::1")).toBe("2001:db8::1");
	expect(address("10.0.0.1", "6.6.6.6, unknown")).toBe("10.0.0.1");
	expect(address("10.0.0.1", "6.6.6.6, <script>, 192.0.2.7")).toBe("192.0.2.7");
	expect(address("10.0.0.1")).toBe("10.0.0.1");
});

test("one customer's IPv6 network counts as one address", () => {
	expect(addressKey("2001:db8:1:2::1")).toBe("2001:db8:1:2::/64");
	expect(addressKey("2001:DB8:1:2:ffff:ffff:ffff:ffff")).toBe("2001:db8:1:2::/64");
	expect(addressKey("2001:db8:1:3::1")).toBe("2001:db8:1:3::/64");
	expect(addressKey("2001:0db8:0001:0002::1")).toBe("2001:db8:1:2::/64");
	expect(addressKey("::1")).toBe("0:0:0:0::/64");
	expect(addressKey("1.2.3.4")).toBe("1.2.3.4");
});

test("T14: nodes that share Redis count together, whoever the user asks", async () => {
	const own = installation();
	const [one, two] = [openRedis({ url: REDIS }, log), openRedis({ url: REDIS }, log)];
	await Promise.all([one.connect(), two.connect()]);
	// A machine that stalls is no outage.
	for (const { options } of [one, two]) options.commandTimeout = 20_000;
	try {
		expect(await passed([new Limits(own, one), new Limits(own, two)], "write", 100)).toBe(RATES.write.points);
		// Another installation on the same Redis counts for itself.
		expect(await passed([new Limits(installation(), one)], "write", 100)).toBe(RATES.write.points);
	} finally {
		one.disconnect();
		two.disconnect();
	}
});

test("I31: while Redis is away a node counts by itself, without waiting", async () => {
	const away = openRedis({ url: "redis://127.0.0.1:1" }, log);
	away.connect().catch(() => {});
	try {
		const times: number[] = [];
		for (let i = 0; i < 3; i++) {
			const startedAt = Date.now();
			expect(await passed([new Limits(installation(), away)], "write", 100)).toBe(RATES.write.points);
			times.push(Date.now() - startedAt);
		}
		// What waits does so each time, a machine that stalls once.
		expect(Math.min(...times)).toBeLessThan(500);
	} finally {
		away.disconnect();
	}
});

test("T14: registrations are counted by address, stricter in production", async () => {
	const who = (address: string) => ({ userId: "", address });
	const production = new Limits(installation(), null);
	expect(await passed([production], "register", 20, who("1.2.3.4"))).toBe(10);
	expect(await passed([production], "register", 5, who("1.2.3.5"))).toBe(5);
	const development = new Limits({ ...installation(), env: "development" }, null);
	expect(await passed([development], "register", 200, who("1.2.3.4"))).toBe(200);
});

test("limits that are off limit nothing", async () => {
	expect(await passed([new Limits({ ...installation(), rateLimits: false }, null)], "send", 500)).toBe(500);
});

test("I36: beyond so many requests at once one more is told at once when to come again, and health is served", async () => {
	const { settings } = gateway.broker.getLocalService("gateway") as unknown as {
		settings: { requestsUnderWayMax: number };
	};
	settings.requestsUnderWayMax = 1;
	const running = gateway.ann.get("/inbox/changes");
	await begun.promise;
	const refused = await gateway.bob.get("/inbox");
	expect(refused).toMatchObject({ status: 503, body: { code: "UNAVAILABLE", retryAfter: 1 } });
	expect(refused.headers.get("retry-after")).toBe("1");
	expect((await fetch(`${gateway.url}/health`)).status).toBe(200);
	ended.resolve();
	expect((await running).status).toBe(200);
	expect((await gateway.bob.get("/inbox")).status).toBe(200);
});
