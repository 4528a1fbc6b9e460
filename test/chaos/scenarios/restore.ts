/** The machine with PostgreSQL is lost, and a base backup with the archived log is brought to a moment before that. */
import { setTimeout as sleep } from "node:timers/promises";
import { readTopic } from "../../support/events.ts";
import { backUp, logArchive, startRestored } from "../../support/servers/postgres.ts";
import type { ServerProcess } from "../../support/servers.ts";
import type { Finding } from "../checks/finding.ts";
import { readEffects, wrongEffects } from "../effects.ts";
import { atLeast, atMost } from "../limits.ts";
import { isSend, type Send } from "../record.ts";
import { asking, type MessageRow, readRows, waitingEvents } from "../rows.ts";
import { Stage } from "../stage.ts";
import { until } from "../until.ts";
import { Workload } from "../workload/workload.ts";
import type { Options, Outcome, Scenario } from "./scenario.ts";

const PAUSE_MS = 20;
const CALM_MS = 2_000;
const WITHIN_MS = 60_000;

export const restore: Scenario = {
	name: "restore",
	does: "PostgreSQL is lost under load and brought back to a moment before, beside the Kafka that it had",
	covers: ["I41"],
	run,
};

async function run({ seed, seconds, progress }: Options): Promise<Outcome> {
	const archive = await logArchive();
	const stage = await Stage.start({ nodes: 1, postgres: { native: true, settings: archive.settings } });
	let work: Workload | undefined;
	let restored: ServerProcess | undefined;
	try {
		await stage.install();
		const { postgres } = stage.servers;
		work = await Workload.on(stage, { seed, pauseMs: PAUSE_MS });
		work.start();
		await sleep(CALM_MS);
		const copy = await backUp(postgres);
		await sleep(seconds * 1_000);
		progress(0.3);
		const before = acknowledgedOf(work);
		const moment = await momentOf(postgres.url);
		const momentAt = Date.now();
		await sleep(seconds * 1_000);
		await work.stop();
		await archived(postgres.url);
		const after = acknowledgedOf(work).filter(({ at }) => at > momentAt);
		const lostAt = Date.now();
		await stage.killNodes();
		await postgres.kill9();
		restored = await startRestored(copy, archive.folder, moment);
		progress(0.6);
		const stored = await storedOf(stage, restored.url, work.cast.chatIds);
		const missing = notAmong(stored, before);
		const stillThere = after.length - notAmong(stored, after).length;
		stage.installation.env.CHAT_DATABASE_URL = restored.url;
		await stage.startNode(stage.places[0] as Stage["places"][number]);
		await work.say(work.cast.chatIds[0] as string);
		const sendsAgainMs = Date.now() - lostAt;
		const wrong = await effectsAfter(stage, restored.url);
		const drainedMs = Date.now() - lostAt;
		const findings: Finding[] = [
			...missing.map(({ clientId }) => ({ kind: "lost", what: `send ${clientId}` }) as const),
			...wrong.map(what => ({ kind: "doubled", what }) as const),
		];
		const figures = {
			fault: `PostgreSQL back to a moment ${seconds} s before its end, and ${after.length} sends`,
			times: 1,
			lasted: null,
			sends: before.length,
			ok: before.length,
			failed: 0,
			unknown: 0,
			during: null,
			longestMs: null,
			sendsAgainMs,
			caughtUpMs: null,
			drainedMs,
			ended: stage.ended.length,
			found: findings.length > 0 ? { lost: missing.length, doubled: wrong.length } : {},
			limits: [
				atLeast("I41", "sends before it, and after it", Math.min(before.length, after.length), 1, "count"),
				atMost("I41", "acknowledged before it and not stored", missing.length, 0, "count"),
				atMost("I41", "begun after it and stored", stillThere, 0, "count"),
				atMost("I41", "events whose effect is missing or there twice", wrong.length, 0, "count"),
			],
		};
		return { figures: [figures], findings };
	} finally {
		await work?.end();
		await stage.stop();
		await restored?.stop();
	}
}

const acknowledgedOf = ({ deeds }: Workload): Send[] =>
	deeds.filter(isSend).filter(({ outcome, id }) => outcome === "ok" && id !== undefined);

const momentOf = (url: string): Promise<string> => one(url, "SELECT clock_timestamp()::text AS value");

/** Until all that is committed by now is where a restore finds it. */
async function archived(url: string): Promise<void> {
	const file = await one(url, "SELECT pg_walfile_name(pg_switch_wal()) AS value");
	await mustCome(
		async () => (await one(url, "SELECT last_archived_wal AS value FROM pg_stat_archiver")) >= file,
	);
}

async function storedOf(
	{ installation }: Stage,
	url: string,
	chatIds: readonly string[],
): Promise<MessageRow[]> {
	const { messages } = await readRows(url, installation.namespace, chatIds);
	return messages;
}

/** Sends that are not stored, or not in their place. */
export function notAmong(
	messages: readonly Pick<MessageRow, "id" | "seq">[],
	sends: readonly Send[],
): Send[] {
	const stored = new Map(messages.map(({ id, seq }) => [id, seq]));
	return sends.filter(({ id, seq }) => stored.get(id ?? "") !== seq);
}

/**
 * What consumers have made of all that is on Kafka by now: of what was published before the end, of what the restored
 * outbox published again, and of what the restored database knows nothing of.
 */
async function effectsAfter({ servers, installation: { namespace } }: Stage, url: string): Promise<string[]> {
	await mustCome(async () => (await waitingEvents(url, namespace)) === 0);
	const records = await readTopic(servers.kafka.url, `${namespace}.chat.events`);
	const events = records.map(({ value }) => JSON.parse(value) as { id: string; type: string });
	const ids = new Set(events.map(({ id }) => id));
	const sent = new Set(events.filter(({ type }) => type === "message.created").map(({ id }) => id)).size;
	const wrong = async () => wrongEffects(await readEffects(url, namespace), ids, sent);
	await until(async () => (await wrong()).length === 0, WITHIN_MS);
	return wrong();
}

async function mustCome(holds: () => Promise<boolean>): Promise<void> {
	if (!(await until(holds, WITHIN_MS))) throw new Error("It did not come to be in time.");
}

const one = async (url: string, sql: string): Promise<string> =>
	(await rowsOf<{ value: string }>(url, sql))[0]?.value ?? "";

const rowsOf = <Row>(url: string, sql: string): Promise<Row[]> =>
	asking(url, async db => (await db.query(sql)).rows);
