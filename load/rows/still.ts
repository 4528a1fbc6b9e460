/** What connections cost that send nothing but their heartbeats. */
import { cpuMeter, settleIn } from "../bench/cpu.ts";
import { parley } from "../bench/targets.ts";
import { meterOf } from "../stage/cpu.ts";
import type { Line } from "../stage/line.ts";
import { settled } from "../stage/outbox.ts";
import { RedisMeter } from "../stage/redis-meter.ts";
import { comeIn, PEOPLE, PEOPLE_COUNT } from "./people.ts";
import { type Figures, pause, type Row } from "./row.ts";

const AT_ONCE = 32;
const HEARTBEAT_MS = 20_000;
/** Twice the time in which memberships are compared, and a multiple of all other intervals. */
const SECONDS = 60;
const LOOK_EVERY_MS = 10;

export const still: Row = {
	name: "still",
	what: "CPU of node, PostgreSQL and Redis for 1,000 connections that only send heartbeats, each in 20 chats",
	unit: "ms a second",
	better: "less",
	floor: 40,
	aim: 20,
	async measure({ servers, env }, progress): Promise<Figures> {
		const target = parley("Parley", env);
		const stand = await target.start(servers, PEOPLE, share => progress(share * 0.4));
		const redis = new RedisMeter(servers.redisUrl);
		try {
			settleIn(stand);
			await settled(servers.databaseUrl, stand.namespace ?? "");
			const empty = await redis.memoryBytes();
			const alone = await spent(5);
			const lines = await comeIn(stand, { from: 0, to: PEOPLE_COUNT, atOnce: AT_ONCE });
			const stop = beat(lines);
			await pause(HEARTBEAT_MS);
			progress(0.6);
			const kept = (await redis.memoryBytes()) - empty;
			const used = await spent(SECONDS);
			stop();
			for (const line of lines) line.close();
			const each = (what: keyof typeof used) => (used[what] - alone[what]) / PEOPLE_COUNT;
			return {
				figure: each("node") + each("postgres") + each("redis"),
				details: {
					"node, µs a second and connection": each("node"),
					"PostgreSQL, µs": each("postgres"),
					"Redis, µs": each("redis"),
					"Redis, commands a second and connection": each("commands"),
					"Redis, bytes a second and connection": each("bytes"),
					"Redis, bytes kept for a user": kept / PEOPLE_COUNT,
				},
				wrong: [],
			};
		} finally {
			redis.close();
			await stand.stop();
		}

		async function spent(seconds: number) {
			const [cpu, redisCpu] = [
				cpuMeter(stand, target, servers),
				meterOf([servers.redis?.pid ?? 0], undefined),
			];
			await redis.read();
			await pause(seconds * 1_000);
			const { server, postgres } = cpu();
			const { commands, bytesIn, bytesOut } = await redis.read();
			return {
				node: server / seconds,
				postgres: postgres / seconds,
				redis: redisCpu().server / seconds,
				commands: commands / seconds,
				bytes: (bytesIn + bytesOut) / seconds,
			};
		}
	},
};

/** Lets each send one every 20 s, all of them spread over that time. */
function beat(lines: readonly Line[]): () => void {
	const startedAt = performance.now();
	let sent = 0;
	const timer = setInterval(() => {
		const due = ((performance.now() - startedAt) / HEARTBEAT_MS) * lines.length;
		for (; sent < due; sent++) lines[sent % lines.length]?.send(`42${sent}["heartbeat",{}]`);
	}, LOOK_EVERY_MS);
	return () => clearInterval(timer);
}
