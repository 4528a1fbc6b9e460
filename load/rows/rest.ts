/** Sending over REST, beside the least that the same framework can do. */
import type { Servers } from "../../test/support/servers.ts";
import { cpuMeter, settleIn } from "../bench/cpu.ts";
import { contentOf, now } from "../bench/marker.ts";
import { parley, type Scenario, type Stand, startRival, type Target } from "../bench/targets.ts";
import { HttpLine } from "../stage/http-line.ts";
import { withTables } from "../stage/outbox.ts";
import type { Figures, Row } from "./row.ts";

const SCENARIO: Scenario = { name: "rest", rooms: 500, members: 2 };
/** Each asks again once it is answered. */
const CONNECTIONS = 256;
const WARM_SECONDS = 4;
const SECONDS = 8;
const CREATED = 201;

const EMPTY: Target = {
	name: "empty moleculer-web action",
	hasAcks: false,
	stores: false,
	async start() {
		return {
			...(await startRival("moleculer-web.ts")),
			path: () => "",
			hello: () => null,
			message: () => "",
			request: ({ room }, content) => ({
				path: `/api/chats/${room}/messages`,
				token: "",
				body: JSON.stringify({ content }),
			}),
		};
	},
};

interface Speed {
	perSecond: number;
	/** Milliseconds. */
	p50: number;
	p99: number;
	/** Microseconds a request. */
	server: number;
	postgres: number;
	wrong: string[];
}

export const rest: Row = {
	name: "rest",
	what: "sends over REST, 500 direct chats, 256 kept connections",
	unit: "x an empty moleculer-web action",
	better: "more",
	floor: 0.5,
	aim: 0.8,
	async measure({ servers, env }, progress): Promise<Figures> {
		const empty = await speedOf(EMPTY, servers, share => progress(share * 0.3));
		const own = await speedOf(parley("Parley", env), servers, share => progress(0.3 + share * 0.7));
		return {
			figure: own.perSecond / empty.perSecond,
			details: {
				"Parley, sends/s": own.perSecond,
				"empty action, requests/s": empty.perSecond,
				"Parley, p50 ms": own.p50,
				"Parley, p99 ms": own.p99,
				"empty action, p99 ms": empty.p99,
				"Parley, µs a send": own.server,
				"its PostgreSQL, µs a send": own.postgres,
				"empty action, µs a request": empty.server,
			},
			wrong: [...empty.wrong, ...own.wrong],
		};
	},
};

async function speedOf(target: Target, servers: Servers, progress: (share: number) => void): Promise<Speed> {
	const stand = await target.start(servers, SCENARIO, share => progress(share * 0.8));
	const lines: HttpLine[] = [];
	try {
		settleIn(stand);
		const posts = new Posts(stand);
		for (let i = 0; i < CONNECTIONS; i++) lines.push(await HttpLine.open(posts.port));
		const warm = await askAll(lines, posts, WARM_SECONDS);
		const used = cpuMeter(stand, target, servers);
		const { statuses, delays, seconds } = await askAll(lines, posts, SECONDS);
		const { server, postgres } = used();
		const count = delays.length;
		const sorted = delays.sort((a, b) => a - b);
		const made = [...warm.statuses, ...statuses].filter(status => status === CREATED).length;
		return {
			perSecond: count / seconds,
			p50: (sorted[Math.floor(count * 0.5)] ?? Number.NaN) / 1_000,
			p99: (sorted[Math.floor(count * 0.99)] ?? Number.NaN) / 1_000,
			server: server / count,
			postgres: postgres / count,
			wrong: await wrongWith(stand, servers, statuses, made),
		};
	} finally {
		for (const line of lines) line.close();
		await stand.stop();
	}
}

/** What is posted: the chats in turn, and in each its members in turn. */
class Posts {
	readonly #request: NonNullable<Stand["request"]>;
	readonly #port: number;
	#turn = 0;

	constructor({ request, url }: Stand) {
		if (!request) throw new Error("The server takes no messages over REST.");
		this.#request = request;
		this.#port = Number(new URL(url).port);
	}

	get port(): number {
		return this.#port;
	}

	next(): string {
		const { rooms, members } = SCENARIO;
		const turn = this.#turn++;
		const place = { room: turn % rooms, member: Math.floor(turn / rooms) % members };
		const number = 1 + Math.floor(turn / (rooms * members));
		const content = contentOf({ room: place.room, sender: place.member, number, micros: now() });
		const { path, token, body } = this.#request(place, content);
		return (
			`POST ${path} HTTP/1.1\r\nHost: 127.0.0.1:${this.#port}\r\nContent-Type: application/json\r\n` +
			`Authorization: Bearer ${token}\r\nContent-Length: ${body.length}\r\n\r\n${body}`
		);
	}
}

async function askAll(lines: HttpLine[], posts: Posts, forSeconds: number) {
	const statuses: number[] = [];
	const delays: number[] = [];
	const startedAt = now();
	const endsAt = startedAt + forSeconds * 1e6;
	const ask = async (line: HttpLine) => {
		for (let at = now(); at < endsAt; at = now()) {
			statuses.push(await line.ask(posts.next()));
			delays.push(now() - at);
		}
	};
	await Promise.all(lines.map(ask));
	return { statuses, delays, seconds: (now() - startedAt) / 1e6 };
}

/** What was answered 201 is in the log, once, and nothing else is. */
async function wrongWith(
	{ namespace }: Stand,
	{ databaseUrl }: Servers,
	statuses: number[],
	made: number,
): Promise<string[]> {
	const wrong: string[] = [];
	const refused = statuses.filter(status => status >= 300).length;
	if (refused > 0) wrong.push(`${refused} of ${statuses.length} requests were refused`);
	if (!namespace) return wrong;
	const { rows } = await withTables(databaseUrl, client =>
		client.query(
			`SELECT count(*)::int AS stored, count(DISTINCT content)::int AS different FROM "${namespace}".messages`,
		),
	);
	const { stored, different } = rows[0] as { stored: number; different: number };
	if (stored !== made || different !== made)
		wrong.push(`${made} messages were answered, ${stored} are stored, ${different} of them different`);
	return wrong;
}
