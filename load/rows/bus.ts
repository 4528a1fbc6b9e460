/** What a message costs the nodes that have nobody in its chat, and the bus between them. */
import { randomBytes } from "node:crypto";
import type { Servers } from "../../test/support/servers.ts";
import { cpuMeter, settleIn } from "../bench/cpu.ts";
import { Crowd } from "../bench/crowd.ts";
import { wrongOf } from "../bench/tally.ts";
import { parley, type Scenario } from "../bench/targets.ts";
import { SERVER_CORE } from "../stage/cores.ts";
import { meterOf } from "../stage/cpu.ts";
import { pin } from "../stage/machine.ts";
import { startParley } from "../stage/parley.ts";
import { RedisMeter } from "../stage/redis-meter.ts";
import { type Figures, pause, type Row } from "./row.ts";

const SCENARIO: Scenario = { name: "direct", rooms: 200, members: 2 };
/** Gateways without a socket: all that they do is to hear. */
const EARS = 6;
/** One at which each batch has a message or two, and one at which they gather. */
const RATES = [100, 1_200] as const;
const SECONDS = 8;
const WARM_SECONDS = 5;
const IDLE_SECONDS = 4;

/** Of a message, but for packets and bytes in µs. */
interface Cost {
	writer: number;
	ear: number;
	redis: number;
	packets: number;
	bytesIn: number;
	bytesOut: number;
	wrong: string[];
}

export const bus: Row = {
	name: "bus",
	what: `CPU of a gateway for a message of others, ${RATES[1]} a second; it has no socket in any of their chats`,
	unit: "µs",
	better: "less",
	floor: 20,
	aim: 10,
	async measure({ servers, env }, progress): Promise<Figures> {
		const own = { ...env, CHAT_NAMESPACE: `load_bus_${randomBytes(4).toString("hex")}` };
		const target = parley("Parley", own);
		const stand = await target.start(servers, SCENARIO, share => progress(share * 0.2));
		const crowd = await Crowd.gather(target, stand, SCENARIO, () => {});
		const redis = new RedisMeter(servers.redisUrl);
		let stopEars: () => Promise<unknown> = async () => {};
		try {
			settleIn(stand);
			const alone = await atRates([]);
			progress(0.5);
			const ears = await startParley(servers, { ...own, SERVICES: "gateway" }, EARS);
			stopEars = ears.stop;
			const pids = ears.nodes.map(({ child }) => child.pid as number);
			for (const pid of pids) pin(pid, SERVER_CORE);
			const heard = await atRates(pids);
			crowd.close();
			return figuresOf(alone, heard);
		} finally {
			redis.close();
			await stopEars();
			await stand.stop();
		}

		async function atRates(ears: number[]): Promise<Cost[]> {
			await crowd.run(RATES[1], WARM_SECONDS);
			const costs: Cost[] = [];
			for (const rate of RATES) costs.push(await costAt(rate, ears));
			return costs;
		}

		async function costAt(rate: number, ears: number[]): Promise<Cost> {
			const meters = { writer: cpuMeter(stand, target, servers), ears: meterOf(ears, undefined) };
			const redisMeter = meterOf(redisPid(servers), undefined);
			const read = async () => ({
				writer: meters.writer().server,
				ears: meters.ears().server,
				redis: redisMeter().server,
				...(await redis.read()),
			});
			await read();
			await pause(IDLE_SECONDS * 1_000);
			const idle = await read();
			const result = await crowd.run(rate, SECONDS);
			const used = await read();
			const each = (what: keyof typeof used, of = 1) =>
				(used[what] - (idle[what] * result.seconds) / IDLE_SECONDS) / result.sent / of;
			return {
				writer: each("writer"),
				ear: ears.length === 0 ? 0 : each("ears", ears.length),
				redis: each("redis"),
				packets: each("commands"),
				bytesIn: each("bytesIn"),
				bytesOut: each("bytesOut"),
				wrong: wrongOf(`${ears.length} beside it, ${rate} messages/s`, result),
			};
		}
	},
};

const redisPid = ({ redis }: Servers): number[] => (redis?.pid ? [redis.pid] : []);

function figuresOf(alone: Cost[], heard: Cost[]): Figures {
	const details = RATES.flatMap((rate, i) => {
		const [none, all] = [alone[i] as Cost, heard[i] as Cost];
		const more = (what: "writer" | "redis" | "packets" | "bytesIn" | "bytesOut") =>
			(all[what] - none[what]) / EARS;
		return [
			[`${rate} messages/s: a gateway that only hears, µs`, all.ear],
			[`${rate}: the writer alone, µs`, none.writer],
			[`${rate}: the writer, more for each gateway, µs`, more("writer")],
			[`${rate}: Redis, for each gateway, µs`, more("redis")],
			[`${rate}: Redis, commands for each gateway`, more("packets")],
			[`${rate}: Redis, bytes in for each gateway`, more("bytesIn")],
			[`${rate}: Redis, bytes out to each gateway`, more("bytesOut")],
		] as const;
	});
	return {
		figure: heard.at(-1)?.ear ?? Number.NaN,
		details: Object.fromEntries(details),
		wrong: [...alone, ...heard].flatMap(({ wrong }) => wrong),
	};
}
