/** Fifty clients of a busy chat stop reading at one moment, again and again, while others go on. */
import { type ChildProcess, fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { tablesOf } from "../../../lib/tables.ts";
import { fill } from "../../../load/stage/fill.ts";
import { apart, idOf } from "../../../load/stage/layout.ts";
import { type Heard, Member, markOf } from "../../../load/stage/member.ts";
import { ISSUER, tokenOf } from "../../../load/stage/tokens.ts";
import { BOUNDS } from "../../../services/gateway/sockets/bounds.ts";
import { nameOf } from "../../support/servers/processes.ts";
import { guard, release } from "../../support/servers/watchdog.ts";
import { startKafka } from "../../support/servers.ts";
import type { Finding } from "../checks/finding.ts";
import { atLeast, atMost } from "../limits.ts";
import { waitingEvents } from "../rows.ts";
import { Stage } from "../stage.ts";
import { until } from "../until.ts";
import type { Options, Outcome, Scenario } from "./scenario.ts";

const SLOW = 50;
const OTHERS = 20;
const SENDER = 0;
const FIRST_SLOW = 1 + OTHERS;
const PER_SECOND = 200;
/** So large that what the kernel holds for a connection is full within seconds. */
const CONTENT_CHARS = 4_000;
const ROUNDS = 4;
const STEP_MS = 5;
const HEARD_WITHIN_MS = 10_000;
const DRAINED_WITHIN_MS = 30_000;
const P99_RISES_MAX = 1.2;
const MIB = 2 ** 20;
/** What each slow client may cost, and what the rest may. */
const GROWTH_MAX_MIB = (SLOW * BOUNDS.unreadBytesMax) / MIB + 64;

export const slowReaders: Scenario = {
	name: "slow-readers",
	does: `${SLOW} of ${SLOW + OTHERS} clients that hear ${PER_SECOND} messages a second are stopped (SIGSTOP), until they are cut off`,
	covers: ["I35"],
	run,
};

async function run({ seconds, progress }: Options): Promise<Outcome> {
	// Lines of this process would be what is slow.
	const stage = await Stage.start({ nodes: 1, kafka: startKafka });
	let room: Room | undefined;
	let readers: Readers | undefined;
	try {
		const { postgres, redis } = stage.servers;
		await stage.install({
			env: {
				CHAT_DATABASE_URL: postgres.url,
				CHAT_REDIS_URL: redis.url,
				CHAT_CONSUMERS: "off",
				CHAT_LOG_LEVEL: "warn",
			},
		});
		await makeChat(stage);
		room = await Room.open(stage);
		readers = await Readers.start(stage);
		await room.talk(seconds); // it compiles what it runs
		const calm: number[] = [];
		const stuck: number[] = [];
		let cut = 0;
		let growth = 0;
		for (let round = 0; round < ROUNDS; round++) {
			calm.push(...(await room.talk(seconds)));
			const before = { cut: cutOff(stage), rss: rssMib(stage) };
			readers.freeze();
			let most = before.rss;
			stuck.push(
				...(await room.talk(3 * seconds, () => {
					most = Math.max(most, rssMib(stage));
					return cutOff(stage) - before.cut >= SLOW;
				})),
			);
			cut += cutOff(stage) - before.cut;
			growth = Math.max(growth, most - before.rss);
			readers.end();
			readers = await Readers.start(stage);
			progress((round + 1) / ROUNDS);
		}
		const overAt = Date.now();
		const { namespace } = stage.installation;
		await until(async () => (await waitingEvents(postgres.url, namespace)) === 0, DRAINED_WITHIN_MS);
		const { findings, sent } = room;
		const figures = {
			fault: `${SLOW} clients stop reading`,
			times: ROUNDS,
			lasted: null,
			sends: sent,
			ok: sent,
			failed: room.refused,
			unknown: 0,
			during: null,
			longestMs: null,
			sendsAgainMs: null,
			caughtUpMs: null,
			drainedMs: Date.now() - overAt,
			ended: stage.ended.length,
			found: findings.length > 0 ? { misordered: findings.length } : {},
			limits: [
				atLeast("I35", "cut off", cut, ROUNDS * SLOW, "count"),
				atMost("I35", "memory that the node took for them, MiB", growth, GROWTH_MAX_MIB, "count"),
				atMost(
					"I35",
					`p99 of others meanwhile (${p99Of(stuck).toFixed(0)} ms), beside that of before (${p99Of(calm).toFixed(0)} ms)`,
					p99Of(stuck) / p99Of(calm),
					P99_RISES_MAX,
					"count",
				),
			],
		};
		return { figures: [figures], findings };
	} finally {
		readers?.end();
		room?.close();
		await stage.stop();
	}
}

async function makeChat({ servers, installation }: Stage): Promise<void> {
	const db = new pg.Client({ connectionString: servers.postgres.url });
	await db.connect();
	try {
		await fill(
			{ db, t: tablesOf(installation.namespace), issuer: ISSUER.issuer },
			apart(1, 1 + OTHERS + SLOW),
		);
	} finally {
		await db.end();
	}
}

const nodeOf = ({ places }: Stage) => places[0]?.node;

/** Each is a line of the log; of the log the end is kept, which has more of them than clients there are. */
const cutOff = (stage: Stage): number =>
	(nodeOf(stage)?.output() ?? "").split("does not read was cut off").length - 1;

const rssMib = (stage: Stage): number =>
	Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${nodeOf(stage)?.child.pid}/status`, "utf8"))?.[1]) /
	1_024;

function p99Of(delays: readonly number[]): number {
	const sorted = delays.toSorted((a, b) => a - b);
	return sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN;
}

/** One who sends, and those who read all of it. */
class Room {
	readonly findings: Finding[] = [];
	sent = 0;
	refused = 0;
	readonly #members: Member[] = [];
	readonly #sentAt: number[] = [];
	readonly #lastSeq = new Map<Member, number>();
	#delays: number[] = [];
	#heard = 0;

	static async open({ places, installation }: Stage): Promise<Room> {
		const room = new Room();
		for (let user = SENDER; user < FIRST_SLOW; user++)
			room.#members.push(
				await Member.connect(places[0]?.port ?? 0, user, tokenOf(installation.secret, user), {
					message: (heard, member) => room.#hears(heard, member),
				}),
			);
		return room;
	}

	/** Sends for so long, or until it `isOver`. @returns ms until each of what was sent came to each of the others */
	async talk(seconds: number, isOver = () => false): Promise<number[]> {
		this.#delays = [];
		const first = this.#sentAt.length;
		const startedAt = performance.now();
		for (;;) {
			const elapsed = (performance.now() - startedAt) / 1_000;
			if (elapsed >= seconds || isOver()) break;
			for (let due = first + Math.floor(elapsed * PER_SECOND); this.#sentAt.length < due; ) this.#send();
			await sleep(STEP_MS);
		}
		await until(() => this.#heard >= this.#sentAt.length * OTHERS, HEARD_WITHIN_MS);
		const missing = this.#sentAt.length * OTHERS - this.#heard;
		if (missing > 0) this.findings.push({ kind: "unseen", what: `${missing} deliveries` });
		this.#heard += missing;
		return this.#delays;
	}

	close(): void {
		for (const member of this.#members) member.close();
	}

	#send(): void {
		const number = this.#sentAt.length;
		this.#sentAt.push(performance.now());
		const content = markOf(number).padEnd(CONTENT_CHARS, "x");
		this.#members[SENDER]?.ask("message", { chatId: idOf("chat", 0), clientId: randomUUID(), content }).then(
			() => this.sent++,
			() => this.refused++,
		);
	}

	#hears({ number, seq }: Heard, member: Member): void {
		if (member.user === SENDER) return; // whose own comes with the acknowledgement
		const last = this.#lastSeq.get(member) ?? 0;
		if (seq !== last + 1)
			this.findings.push({ kind: "misordered", what: `user ${member.user} heard ${seq} after ${last}` });
		this.#lastSeq.set(member, seq);
		this.#heard++;
		this.#delays.push(performance.now() - (this.#sentAt[number] ?? Number.NaN));
	}
}

/** The process of those who stop reading. */
class Readers {
	readonly #child: ChildProcess;
	readonly #name: ReturnType<typeof nameOf>;

	private constructor(child: ChildProcess) {
		this.#child = child;
		this.#name = nameOf(child.pid as number);
		guard("processes", this.#name);
	}

	static async start({ places, installation }: Stage): Promise<Readers> {
		const file = path.join(import.meta.dirname, "../workload/reader-process.ts");
		const args = [places[0]?.port ?? 0, installation.secret, FIRST_SLOW, SLOW].map(String);
		const readers = new Readers(fork(file, args));
		await once(readers.#child, "message");
		return readers;
	}

	freeze(): void {
		this.#child.kill("SIGSTOP");
	}

	end(): void {
		this.#child.kill("SIGKILL");
		release("processes", this.#name);
	}
}
