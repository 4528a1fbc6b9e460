/** A new version takes the place of this one behind nginx, node by node, and goes again. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import pg from "pg";
import { rest, verdictOn } from "../chaos/evidence.ts";
import { Stage } from "../chaos/stage.ts";
import { Workload } from "../chaos/workload/workload.ts";
import { readTopic } from "../support/events.ts";
import { figure, inWords } from "../support/figure.ts";
import { bothVersions, type Versions } from "../support/next-version.ts";
import type { Person } from "../support/people.ts";
import type { Place } from "../support/place.ts";

const BETWEEN_MS = 1_500;
const REST_WITHIN_MS = 20_000;
const GRACE_MS = 6_000;

let versions: Versions;
let stage: Stage;
let work: Workload;

beforeAll(async () => {
	versions = bothVersions();
	stage = await Stage.start();
	await stage.install({ root: versions.n.root, front: "nginx" });
	work = await Workload.on(stage, { seed: 39, pauseMs: 40, mix: { delete: 0 } });
}, 180_000);

afterAll(async () => {
	await work?.end();
	await stage?.stop();
	versions?.remove();
});

test("I37 and I39: nodes are replaced by those of the next version, and one by its old version again, and nothing fails, is lost or misordered", async () => {
	const { n, next } = versions;
	const [first, second] = stage.places as [Place, Place];
	const outputs = stage.places.map(({ node }) => node?.output);
	const pages = readPages();
	work.start();
	const steps: [Place, string][] = [
		[first, next.root],
		[second, next.root],
		[second, n.root],
	];
	for (const [place, root] of steps) {
		await sleep(BETWEEN_MS);
		expect((await stage.replaceNode(place, root)).code).toBe(0);
		outputs.push(place.node?.output);
	}
	await sleep(BETWEEN_MS);
	await work.stop();
	expect(await pages.stop()).toEqual([]);
	await work.lastWords();
	await rest(stage, work, REST_WITHIN_MS);

	expect(await verdictOn(stage, work, GRACE_MS)).toEqual([]);
	// Who comes where they are already is refused: they have repeated what had no answer.
	const refused = work.deeds.filter(({ does, outcome }) => outcome === "failed" && !/join|leave/.test(does));
	expect(refused).toEqual([]);
	expect(work.sdk.flatMap(({ device }) => device.failed)).toEqual([]);
	expect(work.acknowledged).toBeGreaterThan(100);
	const errors = outputs.flatMap(output => output?.().split("\n") ?? []);
	expect(errors.filter(line => line.includes('"level":"error"'))).toEqual([]);
	expect(await count("dead_letters")).toBe(0);
	figure(
		"I39",
		`nodes replaced by the next version and one back: ${inWords(work.acknowledged)} sends acknowledged, no operation failed`,
	);
	await asWritten();
}, 180_000);

/** Somebody who reads all the time. What may be asked again is. */
function readPages() {
	const refused: string[] = [];
	let isOver = false;
	const [ann] = work.cast.people as [Person];
	const run = async () => {
		for (let i = 0; !isOver; i++) {
			const path = `/chats/${work.cast.chatIds[i % work.cast.chatIds.length]}/messages?before=1000&limit=${1 + (i % 50)}`;
			const answer = await ann.rest.get(path).catch(() => null);
			if (answer && answer.status >= 400 && answer.status !== 503)
				refused.push(`${answer.status} ${JSON.stringify(answer.body)}`);
			await sleep(20);
		}
	};
	const running = run();
	return {
		async stop() {
			isOver = true;
			await running;
			return refused;
		},
	};
}

/** What the next version has written is published as it has written it, whichever node did that. */
async function asWritten() {
	const { namespace } = stage.installation;
	const written = await query<{ id: string }>(
		`SELECT id FROM chaos.${namespace} WHERE 'next.events' = ANY(topics)`,
	);
	expect(written.length).toBeGreaterThan(30);
	const records = await readTopic(stage.servers.kafka.url, `${namespace}.next.events`);
	const events = new Map(records.map(({ value }) => [JSON.parse(value).id, JSON.parse(value)]));
	expect(written.filter(({ id }) => !events.has(id))).toEqual([]);
	expect([...events.values()].filter(({ data }) => data.writer !== "next")).toEqual([]);
	expect([...events.values()].some(({ type }) => type === "message.reworded")).toBe(true);
}

const count = async (table: string) =>
	(await query<{ n: number }>(`SELECT count(*)::int AS n FROM ${stage.installation.namespace}.${table}`))[0]
		?.n;

async function query<T extends object>(text: string): Promise<T[]> {
	const db = new pg.Client({ connectionString: stage.servers.postgres.url });
	await db.connect();
	try {
		return (await db.query<T>(text)).rows;
	} finally {
		await db.end();
	}
}
