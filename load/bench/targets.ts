/** What is measured: each a process of its own, which clients reach by a websocket. */
import { spawn } from "node:child_process";
import path from "node:path";
import { createInterface } from "node:readline";
import type { Servers } from "../../test/support/servers.ts";
import { Line, type OnText } from "../stage/line.ts";
import { startParley } from "../stage/parley.ts";
import { helloWith, messageWith, SOCKET_IO_PATH, signIn } from "../stage/sign-in.ts";
import { tokenOf } from "../stage/tokens.ts";
import { inTurns } from "../stage/turns.ts";

/** Where a client stands: client `member` of room `room`, both from 0 on. */
export interface Place {
	room: number;
	member: number;
}

export interface Scenario {
	name: string;
	rooms: number;
	/** Members of each room; 2 is a direct chat. */
	members: number;
	/** In how many rooms each client is, of which `rooms` is a multiple; 1 if absent. */
	roomsEach?: number;
}

/** What is posted to send a message over REST. */
export interface Post {
	path: string;
	token: string;
	body: string;
}

/** A running server with the rooms of a scenario. */
export interface Stand {
	pid: number;
	url: string;
	/** Where it is more than one process: all of them, and where each client connects. */
	pids?: number[];
	urlOf?(place: Place): string;
	/** Of an installation of Parley. */
	namespace?: string;
	path(place: Place): string;
	/** The packet that signs in, where one is needed. */
	hello(place: Place): string | null;
	message(place: Place, ackId: number, content: string): string;
	/** The same message over REST, where there is such a thing. */
	request?(place: Place, content: string): Post;
	stop(): Promise<unknown>;
}

export interface Target {
	name: string;
	/** Whether each message is acknowledged. */
	hasAcks: boolean;
	/** A PostgreSQL shares its core. */
	stores: boolean;
	start(servers: Servers, scenario: Scenario, progress: (share: number) => void): Promise<Stand>;
}

const RIVALS = path.join(import.meta.dirname, "rivals");

export const BARE_WS: Target = {
	name: "bare ws",
	hasAcks: false,
	stores: false,
	async start() {
		return {
			...(await startRival("ws.ts")),
			path: ({ room }) => `/?room=${room}`,
			hello: () => null,
			message: (_place, _ackId, content) => JSON.stringify({ content }),
		};
	},
};

export const BARE_SOCKET_IO: Target = {
	name: "bare Socket.IO",
	hasAcks: false,
	stores: false,
	async start(_servers, { rooms, roomsEach = 1 }) {
		const groups = rooms / roomsEach;
		const roomsOf = (room: number) =>
			Array.from({ length: roomsEach }, (_, i) => `room ${(room % groups) + i * groups}`);
		return {
			...(await startRival("socket-io.ts")),
			path: () => SOCKET_IO_PATH,
			hello: ({ room }) => helloWith({ rooms: roomsOf(room) }),
			message: ({ room }, _ackId, content) => messageWith(null, { room: `room ${room}`, content }),
		};
	},
};

export const TUTORIAL: Target = {
	name: "tutorial",
	hasAcks: true,
	stores: true,
	async start({ databaseUrl }) {
		return {
			...(await startRival("tutorial.ts", { DATABASE_URL: databaseUrl })),
			path: () => SOCKET_IO_PATH,
			hello: ({ room, member }) => helloWith({ room: `room ${room}`, member: `${room}.${member}` }),
			message: (_place, ackId, content) => messageWith(ackId, { content }),
		};
	},
};

const AT_ONCE = 16;

/** @param env what differs from everything on @param restarted whether it starts anew once the rooms are made */
export function parley(
	name = "Parley",
	env: Record<string, string> = {},
	{ nodeCount = 1, restarted = false } = {},
): Target {
	return {
		name,
		hasAcks: true,
		stores: true,
		async start(servers, scenario, progress) {
			const installation = await startParley(servers, env, nodeCount);
			const { nodes, namespace, secret, stop } = installation;
			const { rooms, members } = scenario;
			const groups = rooms / (scenario.roomsEach ?? 1);
			const tokensOf = (group: number) =>
				Array.from({ length: members }, (_, member) => tokenOf(secret, `${group}.${member}`));
			const people = Array.from({ length: groups }, (_, group) => tokensOf(group));
			const tokens = Array.from({ length: rooms }, (_, room) => people[room % groups] as string[]);
			const chats = await makeChats(installation.url, tokens, progress);
			if (restarted) await installation.restart();
			const { url } = installation;
			const [pid = 0, ...pids] = nodes.map(({ child }) => child.pid as number);
			return {
				pid,
				pids: [pid, ...pids],
				namespace,
				url,
				urlOf: ({ member }) => nodes[member % nodes.length]?.url ?? url,
				path: () => SOCKET_IO_PATH,
				hello: ({ room, member }) => helloWith({ token: tokens[room]?.[member] }),
				message: ({ room }, ackId, content) => messageWith(ackId, { chatId: chats[room], content }),
				request: ({ room, member }, content) => ({
					path: `/api/chats/${chats[room]}/messages`,
					token: tokens[room]?.[member] ?? "",
					body: JSON.stringify({ content }),
				}),
				stop,
			};
		},
	};
}

/** The chats of a scenario: each user is made by their first call. */
async function makeChats(
	url: string,
	tokens: string[][],
	progress: (share: number) => void,
): Promise<string[]> {
	const ids = new Map<string, string>();
	await inTurns(
		[...new Set(tokens.flat())],
		async token => {
			ids.set(token, (await ask(url, "GET", "/users/me", token)).id as string);
		},
		AT_ONCE,
		share => progress(share / 2),
	);
	const chats: string[] = [];
	await inTurns(
		tokens.map((members, room) => ({ members, room })),
		async ({ members: [owner = "", ...others], room }) => {
			const participantIds = others.map(token => ids.get(token));
			const body =
				others.length === 1
					? { type: "direct", participantIds }
					: { type: "group", name: `room ${room}`, participantIds };
			chats[room] = (await ask(url, "POST", "/chats", owner, body)).id as string;
		},
		AT_ONCE,
		share => progress(0.5 + share / 2),
	);
	return chats;
}

export async function ask(
	url: string,
	method: string,
	path: string,
	token: string,
	body?: unknown,
): Promise<Record<string, unknown>> {
	const answer = await fetch(`${url}/api${path}`, {
		method,
		headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
		...(body !== undefined && { body: JSON.stringify(body) }),
	});
	if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${await answer.text()}`);
	return (await answer.json()) as Record<string, unknown>;
}

/** A server of the rivals' folder, as far as all of them are alike. */
export async function startRival(
	file: string,
	env: Record<string, string> = {},
): Promise<Pick<Stand, "pid" | "url" | "stop">> {
	const child = spawn(process.execPath, [path.join(RIVALS, file)], {
		env: { PATH: process.env.PATH, NODE_ENV: "production", ...env },
		stdio: ["ignore", "pipe", "inherit"],
	});
	process.once("exit", () => child.kill("SIGKILL"));
	const ended = new Promise(resolve => child.once("exit", resolve));
	for await (const url of createInterface({ input: child.stdout }))
		return {
			pid: child.pid as number,
			url,
			stop: () => {
				child.kill("SIGTERM");
				return ended;
			},
		};
	throw new Error(`${file} ended before it served.`);
}

/** A client of a scenario comes in, where a server asks who they are also as that. */
export function enter(stand: Stand, place: Place, onText: OnText): Promise<Line> {
	const port = Number(new URL(stand.urlOf?.(place) ?? stand.url).port);
	const hello = stand.hello(place);
	return hello === null
		? Line.open(port, stand.path(place), onText)
		: signIn(port, hello, onText, stand.path(place));
}
