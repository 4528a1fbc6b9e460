import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Redis } from "ioredis";
import { figure } from "../support/figure.ts";
import { type Ground, prepareGround } from "../support/ground.ts";
import { eventually } from "../support/stage.ts";

const RESTARTS = 20;
/** After Redis is back: nodes may be anywhere on their way to it when it goes again. */
const GO_AGAIN_MS_MAX = 600;
const SUBSCRIBED_MS_MAX = 20_000;

let ground: Ground;

beforeAll(async () => {
	ground = await prepareGround();
}, 120_000);

afterAll(() => ground?.stop());

/** How many listen on each channel of Moleculer's; null where Redis is not there to be asked. */
async function listeners(): Promise<Map<string, number> | null> {
	const redis = new Redis(ground.redis.url, {
		lazyConnect: true,
		retryStrategy: () => null,
		maxRetriesPerRequest: 0,
	});
	redis.on("error", () => {});
	try {
		await redis.connect();
		const channels = (await redis.pubsub("CHANNELS", "MOL*")) as string[];
		const counts = (await redis.pubsub("NUMSUB", ...channels)) as (string | number)[];
		return new Map(channels.map((channel, i) => [channel, Number(counts[2 * i + 1])]));
	} catch {
		return null;
	} finally {
		redis.disconnect();
	}
}

test("I32: after any restart of Redis, whatever nodes were doing, each has one set of subscriptions", async () => {
	const whole = await eventually(listeners, isWhole, SUBSCRIBED_MS_MAX);
	expect(isWhole(whole)).toBe(true);
	const wanted = [...(whole ?? [])].sort();
	const again = async () => {
		await ground.redis.kill9();
		await ground.redis.restart();
	};
	for (let restart = 0; restart < RESTARTS; restart++) {
		await again();
		await sleep(Math.random() * GO_AGAIN_MS_MAX);
		await again();
		const now = await eventually(
			async () => [...((await listeners()) ?? [])].sort(),
			now => JSON.stringify(now) === JSON.stringify(wanted),
			SUBSCRIBED_MS_MAX,
		);
		expect(now).toEqual(wanted);
	}
	// Whoever subscribes late would show by now.
	await sleep(2_000);
	expect([...((await listeners()) ?? [])].sort()).toEqual(wanted);
	figure(
		"I32",
		`${RESTARTS} of ${RESTARTS} restarts while nodes came back from one before: one set of subscriptions on each of ${ground.nodes.length} nodes`,
	);
}, 180_000);

/** Both nodes hear requests of their own, each by itself. */
function isWhole(counts: Map<string, number> | null): boolean {
	const requests = [...(counts ?? [])].filter(([channel]) => channel.includes(".REQ."));
	return requests.length === ground.nodes.length && requests.every(([, count]) => count === 1);
}
