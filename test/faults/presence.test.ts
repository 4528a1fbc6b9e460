import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Redis } from "ioredis";
import type { Presence } from "../../contracts/presence.ts";
import { figure } from "../support/figure.ts";
import { type Ground, prepareGround } from "../support/ground.ts";
import type { ParleyNode } from "../support/nodes.ts";
import { ok, type Person, person } from "../support/people.ts";
import { proxy, type TcpProxy } from "../support/proxy.ts";
import { type ServerProcess, startRedis } from "../support/servers.ts";
import { connect, type TestSocket } from "../support/socket.ts";
import { eventually } from "../support/stage.ts";

const TTL_S = 6;
const BEAT_MS = 2_000;
/** The gateway's ping interval and timeout, and 5 s. */
const VANISHED_MS_MAX = 40_000;
const VANISHING = 10;

let ground: Ground;
/** A node as it comes, in an installation of its own that no other test disturbs. */
let calm: ParleyNode;
let calmRedis: ServerProcess;
let blackhole: TcpProxy;
let frozen: ChildProcess;
/** It takes as long as a lease, so the other tests run meanwhile. */
let vanished: Promise<{ said: Map<string, number>; truth: Presence[] }>;

const sockets: TestSocket[] = [];
const timers: NodeJS.Timeout[] = [];

beforeAll(async () => {
	calmRedis = await startRedis();
	const env = { CHAT_PRESENCE_TTL: String(TTL_S) };
	ground = await prepareGround([env, env, { CHAT_NAMESPACE: "calm", CHAT_REDIS_URL: calmRedis.url }]);
	calm = ground.nodes.pop() as ParleyNode;
	vanished = vanish();
	vanished.catch(() => {}); // the test that awaits it tells
}, 120_000);

afterAll(async () => {
	for (const timer of timers) clearInterval(timer);
	for (const socket of sockets) socket.close();
	frozen?.kill("SIGKILL");
	await calm?.kill9();
	await ground?.stop();
	await blackhole?.close();
	await calmRedis?.stop();
});

const crowd = (count: number, urls: string[]) =>
	Promise.all(Array.from({ length: count }, (_, n) => person(`p${n}`, urls)));

async function online({ token }: Person, url: string, beatMs = BEAT_MS): Promise<TestSocket> {
	const socket = await connect(url, token);
	sockets.push(socket);
	const beat = () => void socket.emit("heartbeat", {}).catch(() => {});
	timers.push(setInterval(beat, beatMs));
	return socket;
}

/** One who shares a chat with all of them and hears of each. What they know is the last that they were told. */
async function watcher(people: Person[], url: string) {
	const ann = await person("ann", [url]);
	await ann.group(...people);
	const socket = await online(ann, url);
	const userIds = people.map(({ id }) => id);
	const statuses = new Map<string, { status: string; at: number }>();
	/** Everything that was told, for those who must never have been told offline. */
	const told: Presence[] = [];
	const take = (presences: Presence[]) => {
		told.push(...presences);
		for (const { userId, status } of presences) statuses.set(userId, { status, at: Date.now() });
	};
	socket.onEvery((name, data) => {
		if (name === "user:status") take([data as Presence]);
		if (name === "users:update") take(data as Presence[]);
	});
	take((await socket.emit("presence:subscribe", { userIds })).users);
	return {
		told,
		statuses,
		/** Waits until each of them is so. */
		see: (wanted: Record<string, string>, ms: number) =>
			eventually(
				() => Object.fromEntries(Object.keys(wanted).map(id => [id, statuses.get(id)?.status])),
				seen => Object.entries(wanted).every(([id, status]) => seen[id] === status),
				ms,
			),
		/** As the server answers whoever asks. */
		truth: async () => ok<{ items: Presence[] }>(await ann.rest.post("/presence/batch", { userIds })).items,
	};
}

const all = (people: Person[], status: string) => Object.fromEntries(people.map(({ id }) => [id, status]));

/** Five clients whose process freezes, and five whose network does. */
async function vanish() {
	const people = await crowd(VANISHING, [calm.url]);
	const [inProcess, onNetwork] = [people.slice(0, VANISHING / 2), people.slice(VANISHING / 2)];
	blackhole = await proxy(calm.url);
	const program = path.resolve(import.meta.dirname, "../support/client-process.ts");
	frozen = spawn(process.execPath, [program, calm.url, ...inProcess.map(({ token }) => token)], {
		stdio: ["ignore", "pipe", "inherit"],
	});
	await once(frozen.stdout as NodeJS.ReadableStream, "data");
	for (const one of onNetwork) await online(one, blackhole.url, 20_000);
	const { see, statuses, truth } = await watcher(people, calm.url);
	expect(await see(all(people, "online"), 10_000)).toEqual(all(people, "online"));

	frozen.kill("SIGSTOP");
	blackhole.blackhole();
	const startedAt = Date.now();
	await see(all(people, "offline"), VANISHED_MS_MAX + 5_000);
	const offline = [...statuses].filter(([, { status }]) => status === "offline");
	return { said: new Map(offline.map(([id, { at }]) => [id, at - startedAt])), truth: await truth() };
}

test("I19: a gateway that is killed leaves nobody online longer than a lease, but who has another device", async () => {
	const [first, second] = ground.urls as [string, string];
	const people = await crowd(8, ground.urls);
	const [there, elsewhere] = [people.slice(0, 5), people.slice(5)];
	for (const one of people) await online(one, first);
	for (const one of elsewhere) await online(one, second);
	const { see, told, truth } = await watcher(people, second);
	expect(await see(all(people, "online"), 10_000)).toEqual(all(people, "online"));

	const [node] = ground.nodes.splice(0, 1) as [ParleyNode];
	await node.kill9();
	const killedAt = Date.now();
	const after = { ...all(there, "offline"), ...all(elsewhere, "online") };
	expect(await see(after, TTL_S * 1_000 + 5_000)).toEqual(after);
	expect(Object.fromEntries((await truth()).map(({ userId, status }) => [userId, status]))).toEqual(after);
	const stayed = told.filter(({ userId }) => elsewhere.some(({ id }) => id === userId));
	expect(stayed.filter(({ status }) => status === "offline")).toEqual([]);
	const tookS = (Date.now() - killedAt) / 1_000;
	figure(
		"I19",
		`a gateway killed: its ${there.length} users offline after ${tookS.toFixed(1)} s, leases being ${TTL_S} s`,
	);
	await ground.grow({ CHAT_PRESENCE_TTL: String(TTL_S) });
}, 90_000);

/** What people do meanwhile happens while Redis has forgotten them. */
type Forget = (meanwhile: () => Promise<void>) => Promise<void>;

const flush: Forget = async meanwhile => {
	const redis = new Redis(ground.redis.url);
	await redis.flushall();
	redis.disconnect();
	await meanwhile();
};

const restart: Forget = async meanwhile => {
	await ground.redis.kill9();
	await meanwhile();
	await ground.redis.restart();
};

test.each([
	["flushed", flush, 5_000],
	// A node may take 3 s to see that a link is dead, and pauses before it tries again.
	["killed and comes back empty", restart, 10_000],
] as const)(
	"I21: after Redis is %s, everybody is seen as they are seconds after a lease's time at most",
	async (what, forget, slackMs) => {
		const [first, second] = ground.urls as [string, string];
		const people = await crowd(12, ground.urls);
		const some = (from: number) => people.slice(from, from + 3);
		const [stay, leave, cut, come] = [some(0), some(3), some(6), some(9)];
		const link = await proxy(first);
		for (const one of stay) await online(one, first);
		const leaving = await Promise.all(leave.map(one => online(one, second)));
		for (const one of cut) await online(one, link.url);
		const before = { ...all(people, "online"), ...all(come, "offline") };
		const watchers = [await watcher(people, first), await watcher(people, second)];
		for (const { see } of watchers) expect(await see(before, 10_000)).toEqual(before);

		link.blackhole();
		await forget(async () => {
			for (const socket of leaving) socket.close();
			for (const one of come) await online(one, first);
		});
		const isBackAt = Date.now();
		const after = { ...all(people, "online"), ...all([...leave, ...cut], "offline") };
		for (const { see, truth, told } of watchers) {
			expect(await see(after, isBackAt + TTL_S * 1_000 + slackMs - Date.now())).toEqual(after);
			expect(Object.fromEntries((await truth()).map(({ userId, status }) => [userId, status]))).toEqual(
				after,
			);
			const stayed = told.filter(({ userId }) => stay.some(({ id }) => id === userId));
			expect(stayed.filter(({ status }) => status === "offline")).toEqual([]);
		}
		const rightS = (Date.now() - isBackAt) / 1_000;
		figure(
			"I21",
			`Redis ${what}: all ${people.length} users right ${rightS.toFixed(1)} s later, leases being ${TTL_S} s`,
		);
		await link.close();
	},
	90_000,
);

test("I19: whoever freezes or loses the network is offline within 40 s, and none of them stays online", async () => {
	const { said, truth } = await vanished;
	expect([...said.values()].filter(ms => ms <= VANISHED_MS_MAX)).toHaveLength(VANISHING);
	expect(truth.map(({ status }) => status)).toEqual(Array(VANISHING).fill("offline"));
	const slowest = Math.max(...said.values()) / 1_000;
	figure(
		"I19",
		`${said.size} clients that freeze or lose their network offline, the last after ${slowest.toFixed(1)} s`,
	);
}, 90_000);
