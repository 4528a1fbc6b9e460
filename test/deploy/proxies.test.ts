/** The proxies whose configuration ships, each in front of the same two nodes. */
import { readFileSync } from "node:fs";
import { Agent } from "node:http";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import type { ManagerOptions } from "socket.io-client";
import { parse } from "yaml";
import type { ChatHandle, Client } from "../../client/api.ts";
import { balancer } from "../support/balancer.ts";
import { endClients, enter, until } from "../support/clients.ts";
import { type Front, type FrontName, startFront } from "../support/front.ts";
import { api } from "../support/http.ts";
import { type ParleyNode, type RunningForm, startForm, startNode } from "../support/nodes.ts";
import { goHome, ok, type Person, person } from "../support/people.ts";
import { freePorts } from "../support/servers/ports.ts";
import { connect, type TestSocket } from "../support/socket.ts";
import { eventually } from "../support/stage.ts";

const NAMES = ["nginx", "haproxy"] as const satisfies FrontName[];

let form: RunningForm;
let env: Record<string, string>[];
let nodes: ParleyNode[];
const fronts = new Map<FrontName, Front>();
const networks: { close(): void }[] = [];
const urlOf = (name: FrontName) => fronts.get(name)?.url as string;

beforeAll(async () => {
	form = await startForm("cluster", { CHAT_TRUSTED_PROXIES: "127.0.0.1", CHAT_DRAIN_DELAY: "3" }, 0);
	const ports = await freePorts(4);
	env = [0, 2].map(i => ({
		...form.env,
		CHAT_PORT: String(ports[i]),
		CHAT_METRICS_PORT: String(ports[i + 1]),
	}));
	nodes = form.nodes;
	for (const one of env) nodes.push(await startNode(one));
	const urls = nodes.map(({ url }) => url);
	for (const name of NAMES) fronts.set(name, await startFront(name, urls));
}, 180_000);

afterEach(() => {
	goHome();
	endClients();
});

afterAll(async () => {
	for (const network of networks) network.close();
	await Promise.all([...fronts.values()].map(front => front.stop()));
	await form?.stop();
});

describe.each(NAMES)("behind %s", name => {
	test("people talk, over REST and over sockets", async () => {
		const [ann, ben] = await Promise.all([person("ann", [urlOf(name)]), person("ben", [urlOf(name)])]);
		const chat = await ann.direct(ben);
		const socket = await ben.receiver();
		const message = await ann.say(chat.id, `through ${name}`);
		expect(await socket.waitFor("message")).toMatchObject({ id: message.id, content: `through ${name}` });
	});

	test("a body beyond the limit is refused in our own words", async () => {
		const ann = await person("ann", [urlOf(name)]);
		const { status, body } = await api(urlOf(name), ann.token).post("/chats", {
			participantIds: [],
			name: "x".repeat(70_000),
		});
		expect([status, body.code]).toEqual([413, "PAYLOAD_TOO_LARGE"]);
	});

	test.each([
		["who only polls, from many addresses, stays at their node", ["polling"]],
		["who begins by polling takes their session along to a websocket", ["polling", "websocket"]],
		["websockets, though of one address, go to both nodes", ["websocket"]],
	])(
		"%s",
		async (_, transports) => {
			const ann = await person("ann", [urlOf(name)]);
			const chat = await ann.group();
			const sockets = await Promise.all(
				Array.from({ length: 12 }, (_, i) => {
					const from = transports.includes("polling") ? `127.0.0.${2 + i}` : "127.0.0.1";
					return connect(urlOf(name), ann.token, { transports, ...comingFrom(from) });
				}),
			);
			try {
				await Promise.all(sockets.map(socket => talk(socket, chat.id)));
				const now = sockets.map(({ io }) => io.io.engine.transport.name);
				expect(new Set(now)).toEqual(new Set(transports.slice(-1)));
				// The gauge is set once a second.
				await new Promise(done => setTimeout(done, 1_100));
				for (const one of env) expect(await socketsOf(one)).toBeGreaterThan(0);
			} finally {
				for (const socket of sockets) socket.close();
			}
		},
		30_000,
	);
});

test("I37: a rolling restart under load fails nothing that a client of the SDK does, behind either proxy, by websocket or by polling", async () => {
	const crowds = await Promise.all(
		NAMES.flatMap(name => [crowdBehind(name, urlOf(name)), crowdThatPolls(name)]),
	);
	const work = crowds.flatMap(crowd => [crowd.talk(), crowd.roam()]);
	for (const [i, one] of env.entries()) {
		await new Promise(done => setTimeout(done, 1_000));
		expect(await (nodes[i] as ParleyNode).stop()).toBe(0);
		nodes[i] = await startNode(one);
	}
	await new Promise(done => setTimeout(done, 1_000));
	for (const crowd of crowds) crowd.isOver = true;
	await Promise.all(work);
	for (const crowd of crowds) {
		const { name, failed } = crowd;
		expect({ name, failed }).toEqual({ name, failed: [] });
		expect(crowd.rounds).toBeGreaterThan(3);
		await crowd.agrees();
	}
}, 180_000);

test("I37: HAProxy sends nothing new to a node that says that it will stop, while it still serves", async () => {
	const [node] = nodes as [ParleyNode];
	const readiness = async (at: string) => (await fetch(`${at}/health/readiness`)).status;
	const ending = node.stop();
	const isDraining = await eventually(
		() => readiness(node.url),
		status => status === 503,
	);
	const answers = await eventually(
		() => Promise.all(Array.from({ length: 8 }, () => readiness(urlOf("haproxy")))),
		all => all.every(status => status === 200),
	);
	expect([isDraining, ...new Set(answers)]).toEqual([503, 200]);
	expect(await readiness(node.url)).toBe(503);
	expect(await ending).toBe(0);
	nodes[0] = await startNode(env[0] as Record<string, string>);
}, 60_000);

test("Traefik's files, which are not tried, at least know the nodes, the entry and the middleware that they name", () => {
	const read = (file: string) =>
		parse(readFileSync(path.join(import.meta.dirname, "../../deploy/traefik", file), "utf8"));
	const { entryPoints, providers } = read("traefik.yml");
	const { routers, middlewares, services } = read(path.basename(providers.file.filename)).http;
	for (const router of Object.values<{ entryPoints: string[]; service: string; middlewares: string[] }>(
		routers,
	)) {
		expect(Object.keys(entryPoints)).toEqual(expect.arrayContaining(router.entryPoints));
		expect(Object.keys(middlewares)).toEqual(expect.arrayContaining(router.middlewares));
		const { servers, sticky } = services[router.service].loadBalancer;
		expect(servers.map(({ url }: { url: string }) => url)).toEqual([
			"http://parley-1:3000",
			"http://parley-2:3000",
		]);
		expect(sticky.cookie.name).toBeTruthy();
	}
});

/** What a socket that has lost its node could not do. */
async function talk(socket: TestSocket, chatId: string): Promise<void> {
	for (let n = 0; n < 3; n++) {
		expect((await socket.emit("message", { chatId, content: `${socket.id} ${n}` })).status).toBe("ok");
	}
	// A websocket takes over between two requests.
	for (let tries = 0; tries < 50 && !isSettled(socket); tries++)
		await new Promise(done => setTimeout(done, 100));
	expect((await socket.emit("heartbeat", {})).status).toBe("ok");
}

const isSettled = ({ io }: TestSocket) =>
	io.io.engine.transport.name === (io.io.opts.transports as string[]).at(-1);

/** Linux gives all of 127/8 to the loopback. The client's types know of a browser's agent only. */
const comingFrom = (localAddress: string) =>
	({ agent: new Agent({ localAddress }) }) as unknown as Partial<ManagerOptions>;

async function socketsOf({ CHAT_METRICS_PORT: port }: Record<string, string>): Promise<number> {
	const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
	return Number(text.match(/^parley_sockets\{.*\} (\d+)$/m)?.[1]);
}

/** Two people with the SDK behind one proxy, one of whom keeps doing things. */
class Crowd {
	readonly name: string;
	readonly failed: string[] = [];
	isOver = false;
	sent = 0;
	/** Of what the outbox does not hold. */
	rounds = 0;
	readonly #ann: Person;
	readonly #clients: [Client, Client];
	readonly #chat: [ChatHandle, ChatHandle];

	constructor(name: string, ann: Person, clients: [Client, Client], chatId: string) {
		this.name = name;
		this.#ann = ann;
		this.#clients = clients;
		this.#chat = [clients[0].chat(chatId), clients[1].chat(chatId)];
		for (const client of clients)
			client.on("failed", ({ code }) => this.failed.push(`an operation: ${code}`));
	}

	async open(): Promise<void> {
		for (const chat of this.#chat) {
			chat.open();
			await chat.ready();
		}
	}

	/** Sends, edits and marks, at most three under way at a time. */
	async talk(): Promise<void> {
		const [mine, bens] = this.#chat;
		const [{ waiting }] = this.#clients;
		for (; !this.isOver; this.sent++) {
			mine.send({ content: `message ${this.sent}` });
			const known = mine.state.get().messages.find(({ seq, isOwn }) => seq !== null && isOwn);
			if (known && this.sent % 5 === 0) mine.edit(known.id, { content: `edited at ${this.sent}` });
			if (this.sent % 3 === 0) bens.markRead();
			await new Promise(done => setTimeout(done, 20));
			await until(waiting, count => count < 3);
		}
	}

	/** Makes chats, lets people in, opens, reads, passes on: once each, as an application does. */
	async roam(): Promise<void> {
		const [ann, ben] = this.#clients;
		const benId = ben.me.get()?.id as string;
		for (; !this.isOver; this.rounds++) {
			const chat = await this.#does("make a chat", () =>
				ann.createChat({ type: "group", participantIds: [] }),
			);
			if (!chat) continue;
			await this.#does("let somebody in", () => chat.addMembers([benId]));
			const bens = ben.chat(chat.id);
			const close = bens.open();
			await this.#does("open a chat", () => bens.ready());
			await this.#does("rename it", () => chat.update({ name: `round ${this.rounds}` }));
			await this.#does("silence it", () => bens.mute(new Date(Date.now() + 60_000)));
			const [, old] = this.#chat;
			const [first] = old.state.get().messages;
			if (first?.seq) await this.#does("pass a message on", () => old.forward(first.id, [chat.id]));
			await this.#does("read history", () => old.jumpTo({ date: new Date(Date.now() - 2_000) }));
			await this.#does("go back to the end", () => old.jumpToLatest());
			await this.#does("list pins", () => bens.pins());
			await this.#does("read the inbox", () => ben.rest("GET /inbox", {}));
			await this.#does("load the inbox", () => ben.loadMoreChats());
			await this.#does("read everything", () => ben.readAll());
			await this.#does("remove somebody", () => chat.removeMember(benId));
			close();
		}
	}

	async #does<T>(what: string, call: () => Promise<T>): Promise<T | null> {
		try {
			return await call();
		} catch (err) {
			this.failed.push(`${what}: ${(err as Error).message}`);
			return null;
		}
	}

	/** Both clients end with what the server has. */
	async agrees(): Promise<void> {
		for (const { waiting } of this.#clients) await until(waiting, count => count === 0);
		const chat = ok<{ lastSeq: number; rev: number }>(await this.#ann.rest.get(`/chats/${this.#chat[0].id}`));
		expect(chat.lastSeq).toBe(this.sent);
		for (const { state } of this.#chat) {
			const { messages } = await until(state, ({ cursor }) => cursor >= chat.rev);
			expect(messages.at(-1)).toMatchObject({ seq: this.sent, content: `message ${this.sent - 1}` });
		}
	}
}

/** Their network lets no websocket through. */
async function crowdThatPolls(name: FrontName): Promise<Crowd> {
	const network = await balancer(urlOf(name), { websockets: "refused" });
	networks.push(network);
	return crowdBehind(`${name}, polling`, network.url);
}

async function crowdBehind(name: string, url: string): Promise<Crowd> {
	const [ann, ben] = await Promise.all([person("ann", [url]), person("ben", [url])]);
	const { id } = await ann.group(ben);
	const clients = await Promise.all([enter(ann), enter(ben)]);
	const crowd = new Crowd(name, ann, clients, id);
	await crowd.open();
	return crowd;
}
