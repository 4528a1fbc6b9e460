import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type ChangedSource, changedSource } from "../support/changed-source.ts";
import { figure } from "../support/figure.ts";
import { type Ground, type Links, prepareGround } from "../support/ground.ts";
import { goHome, type Person, person } from "../support/people.ts";
import { connect, type TestSocket } from "../support/socket.ts";
import { eventually } from "../support/stage.ts";

/** As the contract has it. */
const HEARTBEAT_MS = 20_000;
const HEALED_MS_MAX = 30_000;
const CLIENTS = 5;

let ground: Ground;
let forgetful: ChangedSource;

beforeAll(async () => {
	ground = await prepareGround();
	// A gateway that takes one event for told and tells nobody.
	forgetful = changedSource([
		{
			file: "services/gateway/sockets/pushes.ts",
			find: 'if ("socket" in kind) this.to(',
			replace: 'if ("socket" in kind && !JSON.stringify(data).includes("lost on the way")) this.to(',
		},
	]);
	await ground.grow({}, forgetful.root);
}, 120_000);

afterAll(async () => {
	goHome();
	await ground?.stop();
	forgetful?.remove();
});

const people = (...names: string[]) =>
	Promise.all(names.map(name => person(name, ground.urls.slice(0, 2)))) as Promise<Person[]>;

test("I15: batches that Redis loses for a second reach every socket all the same, by the server alone", async () => {
	const [ann, ben] = (await people("ann", "ben")) as [Person, Person];
	const busy = await ann.group(ben);
	const quiet = await ann.group(ben);
	const socket = await connect(ground.urls[1] as string, ben.token);
	const { redis } = ground.links[1] as Links;
	const sender = await connect(ground.urls[0] as string, ann.token);
	const say = (chatId: string, content: string) => sender.emit("message", { chatId, content });

	await say(busy.id, "before");
	await socket.waitFor("message", ({ content }) => content === "before");
	redis.dropDown();
	for (let n = 0; n < 10; n++) {
		await say(busy.id, `lost ${n}`);
		await sleep(80);
	}
	await say(quiet.id, "the only one"); // no later event of this chat shows that it is missing
	await sleep(200);
	await redis.pass();
	const healedFrom = Date.now();

	await socket.waitFor("message", ({ content }) => content === "the only one", HEALED_MS_MAX);
	await socket.waitFor("message", ({ content }) => content === "lost 9", HEALED_MS_MAX);
	expect(Date.now() - healedFrom).toBeLessThan(HEALED_MS_MAX);
	const seqs = socket.of("message").filter(({ chatId }) => chatId === busy.id);
	expect(seqs.map(({ seq }) => seq)).toEqual(Array.from({ length: 11 }, (_, n) => n + 1));
	expect(redis.stats.bytesDropped).toBeGreaterThan(0);
	socket.close();
	sender.close();
}, 60_000);

test("I15: an event that the gateway dropped is noticed within 30 s by the next event or the next heartbeat", async () => {
	const url = ground.urls[2] as string;
	const [ann, ben] = (await people("ann", "ben")) as [Person, Person];
	const chats = await Promise.all(Array.from({ length: CLIENTS + 1 }, () => ann.group(ben)));
	const [talk, ...quiet] = chats as [(typeof chats)[0], ...typeof chats];
	const devices = await Promise.all(
		Array.from({ length: CLIENTS }, async () => {
			const socket = await connect(url, ben.token);
			return { socket, model: await ben.model(socket) };
		}),
	);
	// Clients whose heartbeats fall at different moments, each in its time.
	const timers = devices.map(({ socket, model }, n) => {
		const beat = () => void socket.emit("heartbeat", {}).then(ack => model.heads(ack.heads));
		return setTimeout(
			() => {
				beat();
				timers.push(setInterval(beat, HEARTBEAT_MS));
			},
			(n * HEARTBEAT_MS) / CLIENTS,
		);
	});

	const lostAt = Date.now();
	await ann.say(talk.id, "lost on the way");
	await ann.say(talk.id, "the next one");
	for (const { id } of quiet) await ann.say(id, "lost on the way");
	const knows = ({ model }: (typeof devices)[0], chatId: string, lastSeq: number) =>
		model.shown.get(chatId)?.length === lastSeq;
	const byNext = await eventually(
		() => devices.map(device => knows(device, talk.id, 2)),
		all => all.every(Boolean),
	);
	expect(byNext).not.toContain(false);
	const healed = await Promise.all(
		devices.map(async device => {
			const all = await eventually(
				() => quiet.map(({ id }) => knows(device, id, 1)),
				known => known.every(Boolean),
				HEALED_MS_MAX,
			);
			return { all: all.every(Boolean), ms: Date.now() - lostAt };
		}),
	);
	for (const timer of timers) clearTimeout(timer);
	expect(healed.filter(({ all, ms }) => !all || ms > HEALED_MS_MAX)).toEqual([]);
	// Else the gateway would have told, and nothing was tried.
	for (const { socket } of devices) expect(told(socket)).toEqual(["the next one"]);
	for (const { socket } of devices) socket.close();
	const slowest = Math.max(...healed.map(({ ms }) => ms)) / 1_000;
	figure(
		"I15",
		`${healed.length} of ${devices.length} devices healed, the last after ${slowest.toFixed(1)} s`,
	);
}, 60_000);

const told = (socket: TestSocket) => socket.of("message").map(({ content }) => content);
