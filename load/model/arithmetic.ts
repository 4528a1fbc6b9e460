/** The model in words: what docs/scaling.md has between its marks, and what `npm run model` prints. */
import { table as terminalTable } from "../print/table.ts";
import { type Costs, MEASURED } from "./costs.ts";
import {
	type Bus,
	FULL,
	type Load,
	loadOf,
	meanOf,
	type Plan,
	planFor,
	type Workload,
} from "./model.rules.ts";

type Print = typeof terminalTable;

/** Half of what is said is said between two; a few messages go to hundreds. */
const HEARD: Workload["heard"] = [
	{ online: 2, share: 0.6 },
	{ online: 4, share: 0.2 },
	{ online: 10, share: 0.15 },
	{ online: 50, share: 0.045 },
	{ online: 500, share: 0.005 },
];

/** A tenth of all connections sends once a second. */
export const workloadOf = (messagesPerSecond: number): Workload => ({
	connections: 10 * messagesPerSecond,
	messagesPerSecond,
	heard: HEARD,
});

export const LARGEST = 100_000;
const SIZES = [1_000, 10_000, LARGEST];
const BUSES: Bus[] = ["each", "one", "by chat"];
export const SHARDS = 16;
/** Of one server of PostgreSQL that is not extraordinary. */
const SERVER_CORES = 16;

export const shardsOf = (messagesPerSecond: number): number => (messagesPerSecond >= LARGEST ? SHARDS : 1);

const whole = (value: number): string => Math.round(value).toLocaleString("en");
/** Two digits that say something. */
const short = (value: number): string => (value >= 100 ? whole(value) : String(Number(value.toPrecision(2))));
const mega = (bytes: number): string => `${short(bytes / 1e6)} MB/s`;

/** Nodes, and what the servers behind them carry, for three sizes and three ways of telling gateways. */
export function sizesTable(table: Print = terminalTable, costs: Costs = MEASURED): string {
	const rows = SIZES.flatMap(messages =>
		BUSES.map(bus => {
			const workload = workloadOf(messages);
			const plan = planFor(costs, workload, bus, shardsOf(messages));
			const size = `${whole(workload.connections)}, ${whole(messages)}`;
			if (!plan) return [size, bus, "no number is enough", "", "", "", ""];
			const load = loadOf(costs, workload, plan);
			return [
				size,
				bus,
				`${whole(plan.gateways)} + ${whole(plan.workers)}`,
				`${short(load.hearing * 100)} %`,
				`${short(load.redis.cores)}; ${mega(load.redis.bytesOut)}`,
				`${short(load.postgres.cores)}; ${mega(load.postgres.walBytes)}`,
				mega(load.kafkaBytes),
			];
		}),
	);
	const head = ["connections, messages/s", "bus", "gateways + workers", "of a gateway's core for hearing"];
	return table([...head, "Redis: cores; out", "PostgreSQL: cores; WAL", "to Kafka"], rows);
}

/** Up to how many messages a second each part holds, with ten connections for each. */
export function limitsTable(table: Print = terminalTable, costs: Costs = MEASURED): string {
	const upTo = (bus: Bus, holds: (load: Load, plan: Plan) => boolean): string => {
		let [low, high] = [10, 10_000_000];
		while (high / low > 1.01) {
			const middle = Math.sqrt(low * high);
			const plan = planFor(costs, workloadOf(middle), bus);
			if (plan && holds(loadOf(costs, workloadOf(middle), plan), plan)) low = middle;
			else high = middle;
		}
		return low > 9_000_000 ? "–" : whole(Number(low.toPrecision(2)));
	};
	const PARTS: [string, (load: Load) => boolean][] = [
		["one thread of Redis", load => load.redis.cores <= FULL],
		["a network of 10 Gbit/s at Redis", load => load.redis.bytesOut <= 1e9],
		[`one PostgreSQL of ${SERVER_CORES} cores`, load => load.postgres.cores <= FULL * SERVER_CORES],
		["its log at 200 MB/s", load => load.postgres.walBytes <= 2e8],
		["gateways: any number is enough", () => true],
	];
	const rows = PARTS.map(([what, holds]) => [what, ...BUSES.map(bus => upTo(bus, holds))]);
	return table(["messages/s, up to which holds", ...BUSES], rows);
}

/** Each step by itself. */
export function steps(
	bus: Bus,
	messages: number,
	table: Print = terminalTable,
	costs: Costs = MEASURED,
): string {
	const workload = workloadOf(messages);
	const plan = planFor(costs, workload, bus, shardsOf(messages));
	if (!plan) return `No number of nodes is enough with the bus "${bus}".`;
	const { connections: c, messagesPerSecond: m } = workload;
	const { gateways: g, workers: w, shards, brokers } = plan;
	const load = loadOf(costs, workload, plan);
	const { gateway, worker, postgres, still, hear, bytes } = costs;
	const cores = (micros: number) => `${short(micros / 1e6)} cores`;
	const lines: [string, string][] = [
		["deliveries", `${whole(m)} × ${short(meanOf(HEARD))} = ${whole(load.deliveries)}/s`],
		[
			"commits",
			`${whole(w)} workers × ${costs.commitsPerSecond} = ${whole(load.commits)}/s of ${short(load.batch)} messages`,
		],
		["nodes that hear a message", `${short(load.hearers)} of ${whole(g + w - 1)}`],
		["gateways: what sockets send", `${whole(m)} × ${gateway.send} µs = ${cores(m * gateway.send)}`],
		[
			"gateways: writing to sockets",
			`${whole(load.deliveries)} × ${gateway.delivery} µs = ${cores(load.deliveries * gateway.delivery)}`,
		],
		["gateways: connections that stay", `${whole(c)} × ${still.gateway} µs = ${cores(c * still.gateway)}`],
		[
			"gateways: hearing",
			`${whole(g)} × ${short(load.hearing)} = ${short(load.hearing * g)} cores, at ${hear.packet} µs a packet and ${hear.message} a message`,
		],
		[
			"gateways",
			`${short(load.gatewayCores)} cores / ${FULL} = ${whole(g)} nodes with ${whole(c / g)} connections each, ${short(load.gatewayGiB)} GiB for connections in all`,
		],
		[
			"workers",
			`${whole(load.commits)} × ${worker.commit} + ${whole(m)} × ${worker.message} µs, and telling and hearing = ${short(load.workerCores)} cores / ${FULL} = ${whole(w)} nodes`,
		],
		[
			"Redis",
			`${whole(load.redis.packetsIn)} packets/s in, ${whole(load.redis.packetsOut)} out, ${mega(load.redis.bytesOut)} out, ${short(load.redis.cores)} cores / ${FULL} = ${brokers} ${brokers === 1 ? "server" : "servers"}; ${short((c * still.redisBytes) / 2 ** 30)} GiB for presence`,
		],
		[
			`PostgreSQL, ${shards} ${shards === 1 ? "server" : "servers"}`,
			`each batch is a transaction at each server that has one of its chats; with ${postgres.commit} µs for each, ${postgres.message} a message and ${still.postgres} a connection: ${short(load.postgres.cores)} cores`,
		],
		[
			"PostgreSQL: log and disk",
			`${whole(m)} × ${whole(bytes.wal)} = ${mega(load.postgres.walBytes)}; ${whole(m)} × ${whole(bytes.stored)} = ${short(load.postgres.storedBytesPerDay / 1e12)} TB a day`,
		],
		["Kafka", `${whole(m)} × ${whole(bytes.kafka)} = ${mega(load.kafkaBytes)}, three times that with copies`],
	];
	return table(["", `bus: ${bus}`], lines);
}
