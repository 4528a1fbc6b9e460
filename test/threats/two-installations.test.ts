import { randomBytes } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Redis } from "ioredis";
import kafkajs from "kafkajs";
import pg from "pg";
import { tablesOf } from "../../lib/tables.ts";
import { type OnTopic, readTopics } from "../support/events.ts";
import { figure, inWords } from "../support/figure.ts";
import { type RunningForm, startForm } from "../support/nodes.ts";
import { goHome, ok, type Person, person } from "../support/people.ts";
import { eventually } from "../support/stage.ts";

/** An installation of its own on the servers that both share, and what gives its people away. */
interface Tenant {
	form: RunningForm;
	namespace: string;
	/** A word in every text that its people write. */
	canary: string;
	/** That word, and ids of theirs. */
	marks: string[];
	/** What their clients were answered, and heard. */
	answers: string[];
	heard: string[];
	people: Person[];
}

let tenants: [Tenant, Tenant];

beforeAll(async () => {
	tenants = await Promise.all([settle(), settle()]);
}, 120_000);

afterAll(async () => {
	goHome();
	await Promise.all((tenants ?? []).map(({ form }) => form.stop()));
});

async function settle(): Promise<Tenant> {
	const form = await startForm("cluster", { CHAT_LOG_LEVEL: "debug" }, 1);
	const canary = `canary${randomBytes(5).toString("hex")}`;
	const [ann, ben] = await Promise.all([person(canary, form.urls), person("ben", form.urls)]);
	const heard: string[] = [];
	for (const one of [ann, ben])
		(await one.receiver()).onEvery((name, data) => heard.push(`${name} ${JSON.stringify(data)}`));
	return {
		form,
		namespace: form.env.CHAT_NAMESPACE ?? "",
		canary,
		marks: [canary, form.env.CHAT_NAMESPACE ?? "", ann.id, ben.id],
		answers: [],
		heard,
		people: [ann, ben],
	};
}

/** Writes the word wherever one can write, and asks for all that one can see. */
async function live(tenant: Tenant, other: Tenant): Promise<void> {
	const { canary: word, people, marks, answers } = tenant;
	const [ann, ben] = people as [Person, Person];
	const ask = async (who: Person, method: "get" | "post" | "patch" | "put", at: string, body?: object) => {
		const answer = await who.rest[method](at, body as never);
		answers.push(JSON.stringify(answer.body ?? null));
		return answer;
	};
	ok(await ask(ann, "patch", "/users/me", { displayName: `Ann ${word}`, metadata: { word } }));
	ok(await ask(ann, "put", "/presence", { status: "dnd", text: word }));
	const about = { name: word, description: word, metadata: { word } };
	const group = ok<{ id: string }>(
		await ask(ann, "post", "/chats", { type: "group", participantIds: [ben.id], ...about }),
	);
	const channel = ok<{ id: string }>(
		await ask(ann, "post", "/chats", { type: "channel", participantIds: [], ...about }),
	);
	const direct = ok<{ id: string }>(await ask(ann, "post", "/chats", { participantIds: [ben.id] }));
	const said = ok<{ id: string }>(
		await ask(ann, "post", `/chats/${group.id}/messages`, {
			content: `${word} first`,
			metadata: { word },
			mentions: [ben.id],
		}),
	);
	ok(await ask(ann, "patch", `/messages/${said.id}`, { content: `${word} edited` }));
	ok(await ask(ben, "put", `/messages/${said.id}/reactions/%F0%9F%91%8D`));
	ok(await ask(ann, "put", `/messages/${said.id}/pin`));
	ok(await ask(ann, "post", `/messages/${said.id}/forward`, { chatIds: [direct.id] }));
	const thread = ok<{ id: string }>(await ask(ben, "post", `/messages/${said.id}/thread`, {}));
	ok(await ask(ben, "post", `/chats/${thread.id}/messages`, { content: `${word} in the thread` }));
	ok(await ask(ben, "post", `/chats/${group.id}/read`, {}));
	marks.push(group.id, channel.id, direct.id, said.id, thread.id);
	for (const at of [
		"/inbox",
		"/inbox/changes",
		`/users?search=${word}`,
		"/users",
		"/channels",
		`/chats/${group.id}/messages`,
	])
		ok(await ask(ben, "get", at));
	// By name, by id, and with a token: the other's are nobody, nowhere, and no one's.
	expect(ok(await ask(ben, "get", `/users?search=${other.canary}`))).toMatchObject({ items: [] });
	for (const at of [`/users/${other.people[0]?.id}`, `/presence/${other.people[0]?.id}`])
		await ask(ben, "get", at);
	const stranger = await fetch(`${tenant.form.urls[0]}/api/inbox`, {
		headers: { authorization: `Bearer ${other.people[0]?.token}` },
	});
	expect(stranger.status).toBe(401);
}

/** What is on the topics whose names begin so. */
async function onTopics(form: RunningForm, start: string): Promise<Map<string, OnTopic[]>> {
	const brokers = form.env.CHAT_KAFKA_BROKERS ?? "";
	const admin = new kafkajs.Kafka({
		brokers: brokers.split(","),
		logLevel: kafkajs.logLevel.NOTHING,
	}).admin();
	await admin.connect();
	const topics = (await admin.listTopics()).filter(topic => topic.startsWith(start));
	await admin.disconnect();
	return readTopics(brokers, topics);
}

const onKafka = async ({ namespace, form }: Tenant): Promise<string> =>
	JSON.stringify([...(await onTopics(form, `${namespace}.`)).values()]);

/** All keys, each with what it holds. */
async function allInRedis({ env }: RunningForm): Promise<string[]> {
	const redis = new Redis(env.CHAT_REDIS_URL ?? "");
	const keys = await redis.keys("*");
	const entries = await Promise.all(
		keys.map(async key => `${key} ${JSON.stringify(await heldBy(redis, key))}`),
	);
	redis.disconnect();
	return entries;
}

/** The keys that are about it, or hold anything of it. */
const inRedis = async ({ marks, form }: Tenant): Promise<string> =>
	(await allInRedis(form)).filter(entry => foundIn(entry, marks).length > 0).join("\n");

async function heldBy(redis: Redis, key: string): Promise<unknown> {
	const type = await redis.type(key);
	if (type === "string") return redis.get(key);
	if (type === "hash") return redis.hgetall(key);
	if (type === "zset") return redis.zrange(key, 0, -1);
	if (type === "set") return redis.smembers(key);
	// What an installation that ends meanwhile deletes is gone.
	return type === "none" ? null : Promise.reject(new Error(`${key} is a ${type}.`));
}

async function inPostgres({ namespace, form }: Tenant): Promise<string> {
	const db = new pg.Client({ connectionString: form.env.CHAT_DATABASE_URL });
	await db.connect();
	const rows: string[] = [];
	for (const table of Object.values(tablesOf(namespace)))
		rows.push(...(await db.query(`SELECT t::text AS row FROM ${table} t`)).rows.map(({ row }) => row));
	await db.end();
	return rows.join("\n");
}

function inFiles({ form }: Tenant): string {
	const folder = form.env.CHAT_DATA_DIR ?? "";
	return globSync("**/*", { cwd: folder, withFileTypes: true })
		.filter(entry => entry.isFile())
		.map(entry => `${entry.name} ${readFileSync(path.join(entry.parentPath, entry.name), "latin1")}`)
		.join("\n");
}

const foundIn = (text: string, words: readonly string[]) => words.filter(word => text.includes(word));

test("I40: of two installations on the same PostgreSQL, Redis and Kafka nothing of one is in any output or store of the other", async () => {
	const [one, other] = tenants;
	await Promise.all([live(one, other), live(other, one)]);
	for (const [own, foreign] of [
		[one, other],
		[other, one],
	] as const) {
		await eventually(
			() => onKafka(own),
			text => text.includes(`${own.canary} in the thread`) && text.includes("analytics"),
			30_000,
		);
		await eventually(
			() => own.heard.join("\n"),
			text => text.includes(`${own.canary} in the thread`),
		);
		// What one has asked for by the other's word or id names it; nothing else does.
		const asked = new Set([foreign.canary, ...foreign.people.map(({ id }) => id)]);
		const secret = foreign.marks.filter(mark => !asked.has(mark));
		const places: [where: string, text: string, foreign: string[], holdsOwn: boolean][] = [
			["answers", own.answers.join("\n"), secret, true],
			["events", own.heard.join("\n"), foreign.marks, true],
			["Kafka", await onKafka(own), foreign.marks, true],
			["Redis", await inRedis(own), foreign.marks, true],
			["PostgreSQL", await inPostgres(own), foreign.marks, true],
			["log", own.form.nodes.map(node => node.output()).join("\n"), secret, true],
			["files", inFiles(own), foreign.marks, false],
		];
		for (const [where, text, marks, holdsOwn] of places) {
			expect({ where, found: foundIn(text, marks) }).toEqual({ where, found: [] });
			if (holdsOwn)
				expect({ where, ownIsThere: foundIn(text, own.marks).length > 0 }).toEqual({
					where,
					ownIsThere: true,
				});
		}
	}
	figure(
		"I40",
		`${new Set(tenants.flatMap(({ marks }) => marks)).size} ids and words of two installations: none in an event or store of the other, nor in its answers and log but what it asked by`,
	);
}, 120_000);

const UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
const NAMESPACE = /\b[ct]_[0-9a-f]{10,12}\b/;

const uuidsOf = (text: string): string[] => text.match(new RegExp(UUID, "g")) ?? [];

/** Of each installation whose tables are there: the ids that it has made, and all that its rows name. */
async function installationsOf({ env }: RunningForm) {
	const db = new pg.Client({ connectionString: env.CHAT_DATABASE_URL });
	await db.connect();
	const { rows: schemas } = await db.query<{ name: string }>(
		`SELECT table_schema AS name FROM information_schema.tables WHERE table_name = 'chat_heads' ORDER BY 1`,
	);
	const all = [];
	for (const { name } of schemas.filter(({ name }) => NAMESPACE.test(name))) {
		const t = tablesOf(name);
		const own = await db.query<{ id: string }>(
			[t.users, t.chats, t.messages].map(table => `SELECT id::text FROM ${table}`).join(" UNION ALL "),
		);
		const named = await db.query<{ id: string }>(
			Object.values(t)
				.map(table => `SELECT (regexp_matches(t::text, '${UUID}', 'g'))[1] AS id FROM ${table} t`)
				.join(" UNION "),
		);
		all.push({ name, own: own.rows.map(({ id }) => id), named: named.rows.map(({ id }) => id) });
	}
	await db.end();
	return all;
}

test("I40: of all installations that ran on these servers, none has an id of another in its tables, keys or topics", async () => {
	const [{ form }] = tenants;
	const installations = await installationsOf(form);
	expect(installations.length).toBeGreaterThanOrEqual(tenants.length);
	const ownerOf = new Map(installations.flatMap(({ name, own }) => own.map(id => [id, name])));
	expect(ownerOf.size).toBe(installations.reduce((sum, { own }) => sum + own.length, 0));

	const foreign: string[] = [];
	let looked = 0;
	const look = (place: string, ids: readonly string[]) => {
		const owner = NAMESPACE.exec(place)?.[0];
		const owned = ids.filter(id => ownerOf.has(id));
		looked += owned.length;
		foreign.push(...owned.filter(id => ownerOf.get(id) !== owner).map(id => `${id} in ${place}`));
	};
	for (const { name, named } of installations) look(`tables of ${name}`, named);
	for (const entry of await allInRedis(form)) look(`key ${entry}`, uuidsOf(entry));
	for (const [topic, records] of await onTopics(form, ""))
		look(`topic ${topic}`, [...new Set(records.flatMap(({ key, value }) => uuidsOf(`${key} ${value}`)))]);
	expect(foreign).toEqual([]);
	figure(
		"I40",
		`${inWords(ownerOf.size)} ids of all ${installations.length} installations on the servers of this run, seen ${inWords(looked)} times: none in a table, key or topic of another`,
	);
}, 120_000);
