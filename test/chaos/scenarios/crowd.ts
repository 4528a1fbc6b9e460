/** A thousand clients of the SDK lose their connections at one moment, while something is said in chats of theirs. */
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import type { Client } from "../../../client/api.ts";
import { createClient } from "../../../client/client.ts";
import { inTurns } from "../../../load/stage/turns.ts";
import { api } from "../../support/http.ts";
import { ok } from "../../support/people.ts";
import { proxy } from "../../support/proxy.ts";
import type { Finding } from "../checks/finding.ts";
import { atMost } from "../limits.ts";
import { readHeads, waitingEvents } from "../rows.ts";
import { busiestShare } from "../spread.ts";
import { Stage } from "../stage.ts";
import { until } from "../until.ts";
import { type Inhabitant, populate } from "./populate.ts";
import type { Options, Outcome, Scenario } from "./scenario.ts";

const CLIENTS = 1_000;
const AT_ONCE = 50;
/** What is said while they are away. */
const SENDS = 1_000;
const READY_WITHIN_MS = 120_000;
const BACK_WITHIN_MS = 60_000;
const DRAINED_WITHIN_MS = 30_000;
const BACK_MS_MAX = 30_000;
const QUERIES_MAX = 3;
/** Waits are anything up to half a second, of which so much has a tenth; of the half of that a fifth, without jitter all. */
const TOGETHER_MS = 50;
const TOGETHER_MAX = 0.18;
/** Who is back still asks for what has no revision: marks, threads. */
const SETTLE_MS = 5_000;

export const crowd: Scenario = {
	name: "crowd",
	does: `${CLIENTS.toLocaleString("en-US")} clients of the SDK, each with a chat open, are cut off at one moment`,
	covers: ["I38"],
	run,
};

interface Guest extends Inhabitant {
	client: Client;
	/** What the server failed to do for them. */
	failures: number;
	/** How long they chose to wait once they were cut off, in ms. */
	waitMs: number | null;
}

async function run({ nodes, progress }: Options): Promise<Outcome> {
	const stage = await Stage.start({
		nodes,
		postgres: { settings: { shared_preload_libraries: "pg_stat_statements" } },
	});
	const guests: Guest[] = [];
	try {
		// Their statements are not those of clients.
		await stage.install({ env: { CHAT_CONSUMERS: "off" } });
		const doors = await Promise.all(stage.urls.map(url => proxy(url)));
		const inhabitants = await populate(stage, CLIENTS);
		await inTurns(
			inhabitants,
			async (one, n) => {
				const guest = enter(one, doors[n % doors.length]?.url ?? "");
				guests.push(guest);
				await guest.client.ready();
			},
			AT_ONCE,
			share => progress(share / 2),
		);
		await until(() => guests.every(isLive), READY_WITHIN_MS);
		for (const guest of guests) Object.assign(guest, { failures: 0, waitMs: null });
		const counter = await QueryCounter.begin(stage);
		const cutAt = Date.now();
		for (const door of doors) door.cut();
		await saySome(stage, inhabitants.slice(0, SENDS));
		// For a while clients show no loss, so connections are counted.
		await until(() => sumOf(doors.map(({ stats }) => stats.open)) >= CLIENTS, BACK_WITHIN_MS);
		const backMs = await untilBack(stage, guests, cutAt);
		await sleep(SETTLE_MS);
		const queries = await counter.end();
		const { servers, installation } = stage;
		await until(
			async () => (await waitingEvents(servers.postgres.url, installation.namespace)) === 0,
			DRAINED_WITHIN_MS,
		);
		const drainedMs = Date.now() - cutAt;
		const findings = await absentees(stage, guests);
		for (const door of doors) await door.close();
		const figures = {
			fault: `${CLIENTS.toLocaleString("en-US")} clients cut off at once`,
			times: 1,
			lasted: null,
			sends: SENDS,
			ok: SENDS,
			failed: 0,
			unknown: 0,
			during: null,
			longestMs: null,
			sendsAgainMs: null,
			caughtUpMs: backMs,
			drainedMs,
			ended: stage.ended.length,
			found: findings.length > 0 ? { unseen: findings.length } : {},
			limits: [
				atMost("I38", "all back and caught up after", backMs, BACK_MS_MAX),
				atMost(
					"I38",
					`of their waits in the same ${TOGETHER_MS} ms`,
					busiestShare(
						guests.map(({ waitMs }) => waitMs ?? Number.NaN),
						TOGETHER_MS,
					),
					TOGETHER_MAX,
					"share",
				),
				atMost("I38", "statements of PostgreSQL for each client", queries / CLIENTS, QUERIES_MAX, "count"),
				atMost("I38", "failures of the server", sumOf(guests.map(({ failures }) => failures)), 0, "count"),
			],
		};
		return { figures: [figures], findings };
	} finally {
		for (const { client } of guests) client.disconnect();
		await stage.stop();
	}
}

function enter(one: Inhabitant, url: string): Guest {
	const client = createClient({ url, token: () => one.token });
	const guest: Guest = { ...one, client, failures: 0, waitMs: null };
	const { connection } = client;
	const { state } = client.chat(one.chatId);
	connection.subscribe(() => {
		const { retryAt } = connection.get();
		if (retryAt !== null) guest.waitMs ??= retryAt - Date.now();
	});
	for (const one of [connection, state])
		one.subscribe(() => {
			const { error } = one.get();
			// A connection that is lost is UNAVAILABLE too, but then no server says when to come again.
			const isLost = error?.code === "UNAVAILABLE" && error.retryAfter === null;
			if (error && !isLost) guest.failures++;
		});
	client.chat(one.chatId).open();
	client.connect();
	return guest;
}

const sumOf = (numbers: readonly number[]) => numbers.reduce((sum, one) => sum + one, 0);

const isLive = ({ client, chatId }: Guest): boolean =>
	client.connection.get().status === "online" && client.chat(chatId).state.get().status === "live";

/** Past the lines that were cut. */
async function saySome({ urls }: Stage, some: readonly Inhabitant[]): Promise<void> {
	await Promise.all(
		some.map(async ({ token, chatId }, n) =>
			ok(
				await api(urls[n % urls.length] ?? "", token).post(`/chats/${chatId}/messages`, { content: "hello" }),
			),
		),
	);
}

/** Ms until everybody is where their chat is, or as long as they may take. */
async function untilBack(stage: Stage, guests: readonly Guest[], since: number): Promise<number> {
	await until(() => guests.every(isLive), BACK_WITHIN_MS);
	await until(async () => (await absentees(stage, guests)).length === 0, BACK_WITHIN_MS);
	return Date.now() - since;
}

async function absentees({ servers, installation }: Stage, guests: readonly Guest[]): Promise<Finding[]> {
	const chatIds = guests.map(({ chatId }) => chatId);
	const heads = await readHeads(servers.postgres.url, installation.namespace, chatIds);
	const revs = new Map(heads.map(({ chatId, rev }) => [chatId, rev]));
	return guests
		.filter(guest => {
			const { cursor } = guest.client.chat(guest.chatId).state.get();
			return !isLive(guest) || cursor < (revs.get(guest.chatId) ?? 0);
		})
		.map(({ chatId }) => ({ kind: "unseen", what: `the client of ${chatId} has not got to its end` }));
}

/** Counts the statements of everybody else that read or write: those that begin, set and end travel with them. */
class QueryCounter {
	readonly #db: pg.Client;

	private constructor(db: pg.Client) {
		this.#db = db;
	}

	static async begin({ servers }: Stage): Promise<QueryCounter> {
		const db = new pg.Client({ connectionString: servers.postgres.url });
		await db.connect();
		await db.query("CREATE EXTENSION IF NOT EXISTS pg_stat_statements");
		await db.query("SELECT pg_stat_statements_reset()");
		return new QueryCounter(db);
	}

	async end(): Promise<number> {
		const { rows } = await this.#db.query(
			"SELECT sum(calls)::int AS n FROM pg_stat_statements WHERE query NOT LIKE '%pg_stat_statements%' AND query !~ '^(BEGIN|SET|COMMIT)'",
		);
		await this.#db.end();
		return rows[0].n;
	}
}
