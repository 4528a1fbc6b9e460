import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import { startGateway } from "../support/gateway.ts";
import { type Api, answerOf } from "../support/http.ts";
import { proxy, type TcpProxy } from "../support/proxy.ts";
import { eventually } from "../support/stage.ts";

type Gateway = Awaited<ReturnType<typeof startGateway>>;
let gateway: Gateway;
let postgres: TcpProxy;
let redis: TcpProxy;
let ann: Api;
/** What the bridge says. */
let kafka: "up" | "down" = "down";

/** What was found out is kept for a second. */
const KEPT_MS = 1_100;
const PASSWORD = "correct horse battery";

beforeAll(async () => {
	postgres = await proxy(process.env.TEST_DATABASE_URL ?? "");
	redis = await proxy(process.env.TEST_REDIS_URL ?? "");
	gateway = await startGateway(
		{ "kafka-bridge.status": () => ({ kafka, oldestEventS: 0, lanes: 16 }) },
		{
			CHAT_DATABASE_URL: postgres.url,
			CHAT_REDIS_URL: redis.url,
			CHAT_KAFKA_BROKERS: "127.0.0.1:1",
			CHAT_RATE_LIMITS: "on",
		},
		["auth", "users", "chats", "messages"],
	);
	const account = { username: "ann", email: "ann@example.com", password: PASSWORD };
	const { status, body } = await gateway.nobody.post("/auth/register", account);
	expect(status).toBe(201);
	ann = gateway.nobody.as(body.accessToken);
});

afterAll(async () => {
	await postgres?.pass();
	await redis?.pass();
	await gateway?.stop();
	await Promise.all([postgres?.close(), redis?.close()]);
});

const readiness = async () => {
	await sleep(KEPT_MS);
	return answerOf(await fetch(`${gateway.url}/health/readiness`));
};
/** After a stall more may be taken for down than is, until the next look. */
const without = (part: string) => eventually(readiness, ({ body }) => body.down?.join() === part);

test("a user registers, makes a chat, and sends a message, which a repeat does not send twice", async () => {
	const chat = await ann.post("/chats", { type: "group", participantIds: [], name: "Garden" });
	expect([chat.status, chat.body.name]).toEqual([201, "Garden"]);
	const send = () =>
		ann.post(`/chats/${chat.body.id}/messages`, { content: "hello" }, { "idempotency-key": "once" });
	const [first, again] = [await send(), await send()];
	expect([first.status, first.body.seq, first.headers.get("idempotent-replayed")]).toEqual([201, 1, null]);
	expect([again.status, again.body.id, again.headers.get("idempotent-replayed")]).toEqual([
		201,
		first.body.id,
		"true",
	]);
	const { body } = await ann.get(`/chats/${chat.body.id}/messages?limit=10`);
	expect(body.items.map(({ content }: { content: string }) => content)).toEqual(["hello"]);
	expect((await ann.delete(`/chats/${chat.body.id}`)).status).toBe(204);
	expect((await ann.get(`/chats/${chat.body.id}`)).body.code).toBe("NOT_FOUND");
});

test("without Kafka the node is degraded, and still to be asked", async () => {
	const { status, body } = await eventually(readiness, it => it.status === 200);
	expect([status, body.status, body.checks]).toEqual([
		200,
		"degraded",
		{ database: "up", redis: "up", kafka: "down", services: "up" },
	]);
});

test("Kafka is up once the bridge, which publishes there, says so", async () => {
	kafka = "up";
	const { status, body } = await eventually(readiness, it => it.body.status === "ok");
	expect([status, body.status, body.checks.kafka]).toEqual([200, "ok", "up"]);
});

test("I10: what has gone down is named though the clock has stepped back", async () => {
	kafka = "up";
	expect((await eventually(readiness, it => it.body.status === "ok")).body.status).toBe("ok");
	const { now } = Date;
	const clock = jest.spyOn(Date, "now").mockImplementation(() => now() - 3_600_000);
	try {
		kafka = "down";
		await sleep(KEPT_MS);
		const { body } = await answerOf(await fetch(`${gateway.url}/health/readiness`));
		expect(body.checks.kafka).toBe("down");
	} finally {
		clock.mockRestore();
		kafka = "up";
	}
});

test("I30: while the database is away calls say when to come again, and readiness names it", async () => {
	for (const trouble of ["refuse", "blackhole"] as const) {
		await postgres[trouble]();
		const startedAt = Date.now();
		const { status, body } = await ann.get("/users/me");
		expect([status, body.code, body.retryAfter]).toEqual([503, "UNAVAILABLE", 1]);
		// Once a query's 5 s, and what a busy machine adds.
		expect(Date.now() - startedAt).toBeLessThan(9_500);
		const found = await without("database");
		expect([found.status, found.body.code, found.body.down]).toEqual([503, "UNAVAILABLE", ["database"]]);
		expect(found.headers.get("content-type")).toContain("application/problem+json");
		expect((await fetch(`${gateway.url}/health/liveness`)).status).toBe(200);
		await postgres.pass();
		await back();
	}
}, 60_000);

test("I31: while Redis is away calls go on, and readiness names it", async () => {
	await redis.refuse();
	expect((await ann.get("/users/me")).status).toBe(200);
	const found = await without("redis");
	expect([found.status, found.body.down]).toEqual([503, ["redis"]]);
	await redis.pass();
	redis.blackhole();
	const startedAt = Date.now();
	// Were each to wait for Redis, a second would go by with each.
	for (let i = 0; i < 20; i++) expect((await ann.get("/users/me")).status).toBe(200);
	expect(Date.now() - startedAt).toBeLessThan(10_000);
	await redis.pass();
	await back();
}, 60_000);

async function back() {
	for (let tries = 0; tries < 20; tries++) {
		const [ready, me] = [await readiness(), await ann.get("/users/me")];
		if (ready.status === 200 && me.status === 200) return;
	}
	throw new Error("The node did not recover.");
}
