/** Three times as many sends as a node can take, by people who do not wait for its answers. */
import { setTimeout as sleep } from "node:timers/promises";
import { check } from "../../support/record.ts";
import { startKafka } from "../../support/servers.ts";
import type { Finding, Kind } from "../checks/finding.ts";
import { atLeast, atMost } from "../limits.ts";
import { readRows, waitingEvents } from "../rows.ts";
import { Stage } from "../stage.ts";
import { until } from "../until.ts";
import { Barrage, type Shot } from "../workload/barrage.ts";
import { populate } from "./populate.ts";
import type { Options, Outcome, Scenario } from "./scenario.ts";

const SENDERS = 400;
const TIMES_CAPACITY = 3;
/** Under way while its capacity is sought. */
const UNDER_WAY = 800;
const SEEK_S = 8;
const ANSWERED_WITHIN_MS = 30_000;
const DRAINED_WITHIN_MS = 60_000;
const ACCEPTED_MS_MAX = 2_000;
/** Early: before somebody who waits would ask again. */
const REFUSED_MS_MAX = 2_000;
const NORMAL_MS_MAX = 10_000;
/** Afterwards it is as before where so many probes in a row are answered so soon. */
const PROBES = 10;
const PROBE_MS = 250;
const PROBE_EVERY_MS = 50;

export const overload: Scenario = {
	name: "overload",
	does: "a node is sent three times what it can take, in an open loop",
	covers: ["I1", "I7", "I36"],
	fullMinutes: 1,
	run,
};

async function run({ seconds: short, minutes, say }: Options): Promise<Outcome> {
	const seconds = minutes === null ? short : minutes * 60;
	// Nothing is broken, and lines of this process, which is as busy as the node, would be what is slow.
	const stage = await Stage.start({ nodes: 1, kafka: startKafka });
	let barrage: Barrage | undefined;
	try {
		const { postgres, redis } = stage.servers;
		await stage.install({
			env: { CHAT_DATABASE_URL: postgres.url, CHAT_REDIS_URL: redis.url, CHAT_CONSUMERS: "off" },
		});
		const people = await populate(stage, SENDERS);
		barrage = await Barrage.on(stage.places[0]?.port ?? 0, people);
		await barrage.saturate(UNDER_WAY, SEEK_S); // it compiles what it runs
		const capacity = await barrage.saturate(UNDER_WAY, SEEK_S);
		await barrage.settle(ANSWERED_WITHIN_MS);
		say(`It takes ${Math.round(capacity)} a second.`);
		const fired = await barrage.fire(TIMES_CAPACITY * capacity, seconds);
		const overAt = performance.now();
		const offered = fired.length / seconds / capacity;
		const normalMs = await untilNormal(barrage, overAt);
		await barrage.settle(ANSWERED_WITHIN_MS);
		const { servers, installation } = stage;
		const { url } = servers.postgres;
		await until(async () => (await waitingEvents(url, installation.namespace)) === 0, DRAINED_WITHIN_MS);
		const drainedMs = Math.round(performance.now() - overAt);
		const chatIds = people.map(({ chatId }) => chatId);
		const { messages } = await readRows(url, installation.namespace, chatIds);
		const findings = examineShots(barrage.shots, messages);
		const of = (outcome: Shot["outcome"]) => fired.filter(shot => shot.outcome === outcome);
		const refused = fired.filter(({ code }) => code !== undefined);
		const found = Map.groupBy(findings, ({ kind }) => kind);
		const figures = {
			fault: `${TIMES_CAPACITY} times the ${Math.round(capacity)} sends a second that a node takes here`,
			times: 1,
			lasted: seconds,
			sends: of("ok").length,
			ok: of("ok").length,
			// Refused before any work, so nothing has happened, whatever the code may mean elsewhere.
			failed: refused.length,
			unknown: fired.length - of("ok").length - refused.length,
			during: { calls: fired.length, ok: of("ok").length },
			longestMs: Math.round(fired.reduce((most, { ms }) => Math.max(most, ms ?? 0), 0)),
			sendsAgainMs: normalMs,
			caughtUpMs: null,
			drainedMs,
			ended: stage.ended.length,
			found: Object.fromEntries([...found].map(([kind, all]) => [kind, all.length])),
			limits: [
				atLeast("I36", "offered, of what it takes", offered, TIMES_CAPACITY * 0.95, "count"),
				atLeast(
					"I36",
					"accepted a second, of what it takes",
					of("ok").length / seconds / capacity,
					0.5,
					"share",
				),
				atMost("I36", "p99 of accepted sends", p99Of(of("ok")), ACCEPTED_MS_MAX),
				atMost("I36", "acknowledged and not stored", found.get("lost")?.length ?? 0, 0, "count"),
				atMost("I36", "p99 of refusals", p99Of(refused), REFUSED_MS_MAX),
				atMost("I36", "without an answer", fired.filter(({ ms }) => ms === null).length, 0, "count"),
				atLeast("I36", "refusals that say when to come again", toldShareOf(refused), 1, "share"),
				atMost("I36", "normal again after", normalMs, NORMAL_MS_MAX),
			],
		};
		return { figures: [figures], findings };
	} finally {
		barrage?.end();
		await stage.stop();
	}
}

/** Ms until the first of a few sends in a row that are answered as soon as on any day, or as long as that may take. */
async function untilNormal(barrage: Barrage, since: number): Promise<number> {
	let normalAt = performance.now();
	for (let inARow = 0; inARow < PROBES && performance.now() - since < ANSWERED_WITHIN_MS; ) {
		const probedAt = performance.now();
		const [probe] = await barrage.fire(1_000 / PROBE_EVERY_MS, (2 * PROBE_EVERY_MS) / 1_000);
		await sleep(PROBE_MS);
		const isSoon = probe?.outcome === "ok" && (probe.ms ?? Number.POSITIVE_INFINITY) <= PROBE_MS;
		inARow = isSoon ? inARow + 1 : 0;
		if (!isSoon) normalAt = performance.now();
		else if (inARow === 1) normalAt = probedAt;
	}
	return Math.round(normalAt - since);
}

const toldShareOf = (refused: readonly Shot[]): number =>
	refused.filter(({ retryAfter }) => (retryAfter ?? 0) > 0).length / refused.length;

function p99Of(shots: readonly Shot[]): number {
	const sorted = shots.map(({ ms }) => ms ?? Number.NaN).sort((a, b) => a - b);
	return sorted[Math.ceil(sorted.length * 0.99) - 1] ?? Number.NaN;
}

/** Of acknowledged sends, what is lost, doubled or out of place. */
export function examineShots(
	shots: readonly Shot[],
	messages: Awaited<ReturnType<typeof readRows>>["messages"],
): Finding[] {
	const stored = messages.map(({ chatId, clientId, id, seq }) => ({
		chat_id: chatId,
		client_id: clientId,
		id,
		seq,
	}));
	return Object.entries(check(shots, stored, [])).flatMap(([kind, all]) =>
		(all as string[]).map(what => ({ kind: kind as Kind, what })),
	);
}
