/**
 * The same installation played message by message, by chance that is the same for the same seed: chats of different size
 * and liveliness, people at any gateway, batches that gather, and queues at workers, PostgreSQL, Redis and gateways. It
 * knows the costs that the model knows, and nothing of the model's arithmetic.
 */
import { chanceOf } from "../../test/support/chance.ts";
import type { Costs } from "./costs.ts";
import type { Plan, Workload } from "./model.rules.ts";

export interface Play {
	seed: number;
	seconds: number;
	/** Chats that are written to. */
	chats: number;
}

/** Cores of a shard of PostgreSQL. */
const SHARD_CORES = 16;
/** The n-th liveliest chat of a size has 1/n^SKEW of the liveliest's messages. */
const SKEW = 0.5;
const MICROS = 1e-6;

export interface Queue {
	/** Seconds of work a second: the mean of the servers, and the most of one of them. */
	mean: number;
	most: number;
}

export interface Seen {
	deliveries: number;
	commits: number;
	hearers: number;
	packetsIn: number;
	packetsOut: number;
	bytesOut: number;
	gateways: Queue;
	workers: Queue;
	redis: Queue;
	/** For each core. */
	postgres: Queue;
	/** Milliseconds from sending until it is stored, and until the last one hears it. */
	stored: { p50: number; p99: number };
	heard: { p50: number; p99: number };
}

interface Chats {
	/** For a number from 0 up to 1, a chat. */
	pick(at: number): number;
	/** Gateways of those who hear it, with repetitions. */
	members: Uint16Array[];
}

interface Packet extends Batch {
	/** How many sockets at each gateway hear any of it. */
	to: Map<number, number>;
}

interface Batch {
	worker: number;
	/** When it is committed. */
	at: number;
	messages: number[];
}

export function simulate(costs: Costs, workload: Workload, plan: Plan, play: Play): Seen {
	const chance = chanceOf(play.seed);
	const { gateways, workers, shards, brokers } = plan;
	const byChat = plan.bus === "by chat";
	const anyOf = (count: number) => Math.floor(chance() * count);
	const chats = chatsOf(workload.heard, play.chats, () => anyOf(gateways));
	const homes = Uint16Array.from({ length: chats.members.length }, () => anyOf(workers));
	const shardOf = Uint16Array.from({ length: chats.members.length }, () => anyOf(shards));

	const sentAt: number[] = [];
	const chatOf: number[] = [];
	for (let at = 0; ; ) {
		at -= Math.log(1 - chance()) / workload.messagesPerSecond;
		if (at >= play.seconds) break;
		sentAt.push(at);
		chatOf.push(chats.pick(chance()));
	}
	const busy = {
		gateways: new Float64Array(gateways).fill(
			(MICROS * costs.still.gateway * workload.connections * play.seconds) / gateways,
		),
		workers: new Float64Array(workers),
		redis: new Float64Array(brokers).fill(
			(MICROS * costs.still.redis * workload.connections * play.seconds) / brokers,
		),
		postgres: new Float64Array(shards * SHARD_CORES).fill(
			(MICROS * costs.still.postgres * workload.connections * play.seconds) / (shards * SHARD_CORES),
		),
	};

	const batches = commit();
	const count = { deliveries: 0, packetsIn: 0, packetsOut: 0, copies: 0 };
	const heardAt = tell(broadcast(batches));
	const stored = batches.flatMap(({ at, messages }) => messages.map(i => at - (sentAt[i] as number)));
	const heard = heardAt.map((at, i) => at - (sentAt[i] as number));
	const each = (n: number) => n / play.seconds;
	const queue = (servers: Float64Array): Queue => ({
		mean: each(servers.reduce((sum, one) => sum + one, 0)) / servers.length,
		most: each(servers.reduce((most, one) => Math.max(most, one), 0)),
	});
	return {
		deliveries: each(count.deliveries),
		commits: each(batches.length),
		hearers: count.copies / sentAt.length,
		packetsIn: each(count.packetsIn),
		packetsOut: each(count.packetsOut),
		bytesOut: each(count.copies) * costs.bytes.event,
		gateways: queue(busy.gateways),
		workers: queue(busy.workers),
		redis: queue(busy.redis),
		postgres: queue(busy.postgres),
		stored: quantiles(stored),
		heard: quantiles(heard),
	};

	/** Each worker has one batch under way, and takes with the next whatever came until it starts. */
	function commit(): Batch[] {
		const waiting: number[][] = Array.from({ length: workers }, () => []);
		for (const [i, chat] of chatOf.entries()) waiting[homes[chat] as number]?.push(i);
		const place = new Uint32Array(workers);
		const startsAt = Float64Array.from(waiting, messages => sentAt[messages[0] ?? -1] ?? Infinity);
		const coreFreeAt = new Float64Array(shards * SHARD_CORES);
		const all: Batch[] = [];
		for (;;) {
			const worker = startsAt.indexOf(Math.min(...startsAt));
			const startedAt = startsAt[worker] as number;
			if (startedAt === Infinity) return all.sort((a, b) => a.at - b.at);
			const line = waiting[worker] as number[];
			const messages: number[] = [];
			for (let i = place[worker] as number; (sentAt[line[i] ?? -1] ?? Infinity) <= startedAt; i++)
				messages.push(line[i] as number);
			place[worker] = (place[worker] as number) + messages.length;
			const own = costs.worker.commit + messages.length * costs.worker.message;
			add(busy.workers, worker, own);
			const at = store(messages, startedAt + MICROS * own, coreFreeAt);
			all.push({ worker, at, messages });
			const next = line[place[worker] as number];
			startsAt[worker] =
				next === undefined
					? Infinity
					: Math.max(at, startedAt + 1 / costs.commitsPerSecond, sentAt[next] as number);
		}
	}

	/** A transaction at each shard that has one of its chats, by whichever core is free first. @returns the last one's end */
	function store(messages: number[], from: number, coreFreeAt: Float64Array): number {
		const parts = Map.groupBy(messages, i => shardOf[chatOf[i] as number] as number);
		let end = from;
		for (const [shard, some] of parts) {
			const cores = coreFreeAt.subarray(shard * SHARD_CORES, (shard + 1) * SHARD_CORES);
			const core = cores.indexOf(Math.min(...cores));
			const work = MICROS * (costs.postgres.commit + some.length * costs.postgres.message);
			const doneAt = Math.max(from, cores[core] as number) + work;
			cores[core] = doneAt;
			busy.postgres[shard * SHARD_CORES + core] =
				(busy.postgres[shard * SHARD_CORES + core] as number) + work;
			end = Math.max(end, doneAt);
		}
		return end;
	}

	/** Each server of Redis has a line of packets; by chat a chat's are always at the same. */
	function broadcast(batches: Batch[]): Packet[] {
		const freeAt = new Float64Array(brokers);
		const all: Packet[] = [];
		for (const { worker, at, messages } of batches)
			for (const some of byChat ? messages.map(i => [i]) : [messages]) {
				const to = hearersOf(some);
				const nodes = byChat ? to.size + 1 : gateways + workers - 1;
				const broker = byChat ? (chatOf[some[0] as number] as number) % brokers : anyOf(brokers);
				const { packet, message } = costs.redis;
				const told = plan.bus === "each" ? nodes : 1;
				add(busy.workers, worker, told * (costs.tell.packet + some.length * costs.tell.message));
				const toldAt = work(busy.redis, freeAt, broker, at, nodes * (packet + some.length * message));
				all.push({ worker, at: toldAt, messages: some, to });
				count.packetsIn += told;
				count.packetsOut += nodes;
				count.copies += nodes * some.length;
			}
		return all.sort((a, b) => a.at - b.at);
	}

	/** @returns when the last one has heard each message */
	function tell(packets: Packet[]): number[] {
		const heardAt: number[] = [];
		const freeAt = new Float64Array(gateways);
		const atGateway = (gateway: number, at: number, micros: number) =>
			work(busy.gateways, freeAt, gateway, at, micros);
		let sent = 0;
		for (const { worker, at, messages, to } of packets) {
			// What sockets sent until then is before it in line.
			for (; (sentAt[sent] ?? Infinity) <= at; sent++)
				atGateway(senderOf(sent), sentAt[sent] as number, costs.gateway.send);
			const hearing = costs.hear.packet + messages.length * costs.hear.message;
			for (const i of messages) heardAt[i] = at;
			for (const gateway of byChat ? to.keys() : freeAt.keys()) {
				const deliveries = to.get(gateway) ?? 0;
				const doneAt = atGateway(gateway, at, hearing + deliveries * costs.gateway.delivery);
				if (deliveries > 0) for (const i of messages) heardAt[i] = Math.max(heardAt[i] as number, doneAt);
				count.deliveries += deliveries;
			}
			// The relays hear what they publish.
			if (byChat) add(busy.workers, anyOf(workers), hearing);
			else for (const other of busy.workers.keys()) if (other !== worker) add(busy.workers, other, hearing);
		}
		for (; sent < sentAt.length; sent++)
			atGateway(senderOf(sent), sentAt[sent] as number, costs.gateway.send);
		return heardAt;
	}

	function senderOf(message: number): number {
		const people = chats.members[chatOf[message] as number] as Uint16Array;
		return people[anyOf(people.length)] as number;
	}

	/** How many sockets at each gateway hear any of these. */
	function hearersOf(packet: number[]): Map<number, number> {
		const to = new Map<number, number>();
		for (const i of packet)
			for (const gateway of chats.members[chatOf[i] as number] as Uint16Array)
				to.set(gateway, (to.get(gateway) ?? 0) + 1);
		return to;
	}
}

function add(to: Float64Array, server: number, micros: number): void {
	to[server] = (to[server] as number) + MICROS * micros;
}

/** A server with a line before it. @returns when it has done it */
function work(busy: Float64Array, freeAt: Float64Array, server: number, at: number, micros: number): number {
	add(busy, server, micros);
	const doneAt = Math.max(freeAt[server] as number, at) + MICROS * micros;
	freeAt[server] = doneAt;
	return doneAt;
}

function chatsOf(heard: Workload["heard"], count: number, anyGateway: () => number): Chats {
	const members: Uint16Array[] = [];
	const weights: number[] = [];
	for (const { online, share } of heard) {
		const some = Math.max(1, Math.round(count * share));
		const lively = Array.from({ length: some }, (_, n) => (n + 1) ** -SKEW);
		const all = lively.reduce((sum, one) => sum + one, 0);
		for (const one of lively) {
			weights.push((one / all) * share);
			members.push(Uint16Array.from({ length: online }, anyGateway));
		}
	}
	const upTo = new Float64Array(weights.length);
	let sum = 0;
	for (const [i, weight] of weights.entries()) upTo[i] = sum += weight;
	return {
		members,
		pick(at) {
			let [low, high] = [0, upTo.length - 1];
			while (low < high) {
				const middle = (low + high) >> 1;
				if ((upTo[middle] as number) > at * sum) high = middle;
				else low = middle + 1;
			}
			return low;
		},
	};
}

function quantiles(seconds: number[]): { p50: number; p99: number } {
	const sorted = Float64Array.from(seconds).sort();
	const at = (share: number) =>
		1_000 * (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0);
	return { p50: at(0.5), p99: at(0.99) };
}
