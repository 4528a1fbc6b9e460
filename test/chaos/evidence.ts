/** Brings a run to rest, and gathers all that is known of it. */
import { setTimeout as sleep } from "node:timers/promises";
import { CHANGES } from "../../contracts/changes.ts";
import type { InboxPage } from "../../contracts/inbox.ts";
import { type OnTopic, readTopics } from "../support/events.ts";
import { ok, type Person } from "../support/people.ts";
import { examine } from "./checks/examine.ts";
import type { Evidence, Finding } from "./checks/finding.ts";
import { readEffects, waitingEffects } from "./effects.ts";
import type { InboxAnswer, Published } from "./record.ts";
import { readHeads, readRows, waitingEvents } from "./rows.ts";
import type { Stage } from "./stage.ts";
import { until } from "./until.ts";
import { insist } from "./workload/cast.ts";
import type { Workload } from "./workload/workload.ts";

const LOOK_AGAIN_MS = 2_000;
const SYNC_WITHIN_MS = 5_000;
/** How long it took, in ms. */
export interface Rest {
	/** Until every device had got to the heads. */
	caughtUpMs: number;
	/** Until Kafka had all events. */
	drainedMs: number;
}

/** Waits until the devices and the consumers have caught up and the outbox is empty, or for as long as they may take. */
export async function rest(
	{ servers, installation: { namespace } }: Stage,
	work: Workload,
	withinMs: number,
	since = Date.now(),
): Promise<Rest> {
	const { url } = servers.postgres;
	const timed = async (holds: () => Promise<boolean>) => {
		await until(holds, withinMs);
		return Date.now() - since;
	};
	const [caughtUpMs, drainedMs] = await Promise.all([
		timed(async () => {
			const heads = await readHeads(url, namespace, work.cast.chatIds);
			return work.devices.every(device => device.hasReached(heads));
		}),
		timed(async () => (await waitingEvents(url, namespace)) === 0),
		timed(async () => (await waitingEffects(url, namespace)) === 0),
	]);
	return { caughtUpMs, drainedMs };
}

/**
 * What is wrong, and stays so: a hint that got lost may be noticed as late as by the next heartbeat but one.
 * @param graceMs for how long it is looked again
 */
export async function verdictOn(stage: Stage, work: Workload, graceMs: number): Promise<Finding[]> {
	const deadline = Date.now() + graceMs;
	for (;;) {
		const findings = examine(await gatherEvidence(stage, work));
		if (findings.length === 0 || Date.now() >= deadline) return findings;
		await sleep(LOOK_AGAIN_MS);
	}
}

/** What the devices, PostgreSQL, the server's answers and Kafka say. */
async function gatherEvidence(stage: Stage, work: Workload): Promise<Evidence> {
	const { servers, installation } = stage;
	const { namespace } = installation;
	const { chatIds, people } = work.cast;
	for (const sdk of work.sdk) sdk.settle();
	await Promise.race([Promise.all(work.bare.map(device => device.sync())), sleep(SYNC_WITHIN_MS)]);
	const rows = await readRows(servers.postgres.url, namespace, chatIds);
	const names = [...new Set(rows.committed.flatMap(({ topics }) => topics))];
	const onKafka = await readTopics(
		servers.kafka.url,
		names.map(name => `${namespace}.${name}`),
	);
	const recordsOf = (name: string) => onKafka.get(`${namespace}.${name}`) ?? [];
	return {
		deeds: work.deeds,
		rows,
		views: work.devices.map(device => device.view()),
		inboxes: await Promise.all(people.map(askInbox)),
		published: publishedOf(recordsOf("chat.events"), new Set(chatIds)),
		topics: new Map(names.map(name => [name, new Set(recordsOf(name).map(({ value }) => idOf(value)))])),
		effects: await readEffects(servers.postgres.url, namespace),
	};
}

async function askInbox(person: Person): Promise<InboxAnswer> {
	const page = ok<InboxPage>(await insist(() => person.rest.get("/inbox?limit=200")));
	const chats = page.items.map(({ chat, unread, mentions }) => [chat.id, { unread, mentions }] as const);
	return { userId: person.id, totalUnread: page.totalUnread, chats: new Map(chats) };
}

/** Types whose events take no revision of their chat, but share one or have none; those of another version do. */
const BESIDE: ReadonlySet<string> = new Set(Object.values(CHANGES).map(({ type }) => type)).difference(
	new Set(Object.values(CHANGES).flatMap(({ durable, type }) => (durable ? type : []))),
);

const idOf = (value: string): string => (JSON.parse(value) as Record).id;

const publishedOf = (records: readonly OnTopic[], chatIds: ReadonlySet<string>): Published[] =>
	records.flatMap(({ key, value }) => (chatIds.has(key) ? told(key, JSON.parse(value)) : []));

interface Record {
	id: string;
	type: string;
	data: { id?: string; userId?: string; rev?: number };
}

function told(key: string, { id, type, data }: Record): Published {
	return {
		id,
		key,
		rev: data.rev ?? 0,
		about: data.id ?? data.userId ?? key,
		created: type === "message.created" ? (data.id ?? null) : null,
		isDurable: !BESIDE.has(type) && data.rev !== undefined,
	};
}
