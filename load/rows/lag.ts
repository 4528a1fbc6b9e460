/** How long after a message its record is on Kafka, while as many are sent as the node can carry. */
import type { Servers } from "../../test/support/servers.ts";
import { settleIn } from "../bench/cpu.ts";
import { Crowd } from "../bench/crowd.ts";
import { climb } from "../bench/stairs.ts";
import { isBroken, type Result, wrongOf } from "../bench/tally.ts";
import { parley, type Scenario, type Stand } from "../bench/targets.ts";
import { countOf, drain, withTables } from "../stage/outbox.ts";
import { RecordWatch } from "./record-watch.ts";
import { type Figures, pause, type Row } from "./row.ts";

const SCENARIO: Scenario = { name: "direct", rooms: 500, members: 2 };
const WARM_RATE = 1_500;
const WARM_SECONDS = 4;
const FROM_RATE = 3_000;
const CLIMB_SECONDS = 2;
const SECONDS = 8;
const DRAIN_MAX_MS = 15_000;

export const lag: Row = {
	name: "lag",
	what: "p99 from a message's createdAt to its record from Kafka, at the highest rate of direct",
	unit: "ms",
	better: "less",
	floor: 100,
	aim: 20,
	async measure({ servers, env }, progress): Promise<Figures> {
		const target = parley("Parley", env);
		const stand = await target.start(servers, SCENARIO, share => progress(share * 0.2));
		const watch = await RecordWatch.start(servers.kafkaBrokers, stand.namespace ?? "");
		try {
			const crowd = await Crowd.gather(target, stand, SCENARIO, share => progress(0.2 + share * 0.1));
			settleIn(stand);
			await crowd.run(WARM_RATE, WARM_SECONDS);
			// With the reader on: what it takes from the clients' core is taken from the rate.
			const { best, steps } = await climb(crowd, FROM_RATE, CLIMB_SECONDS, () => progress(0.5));
			const rate = best?.offered ?? FROM_RATE / 2;
			const wrong = steps
				.filter(step => isBroken(step, true))
				.flatMap(step => wrongOf(`at ${step.offered} messages/s`, step));
			if (!best) wrong.push(`no rate was good, so this is the lag at ${rate} messages/s`);
			const high = await lagAt(crowd, watch, stand, servers, rate);
			progress(0.9);
			const half = await lagAt(crowd, watch, stand, servers, rate / 2);
			crowd.close();
			if (watch.misplaced > 0) wrong.push(`${watch.misplaced} records came twice or in another order`);
			return {
				figure: high.p99,
				details: {
					"p50 ms": high.p50,
					"messages/s": high.result.sent / high.result.seconds,
					"waiting in the outbox at the end": high.waiting,
					"seconds until it was empty": high.drainSeconds,
					"delivery p99 meanwhile, ms": high.result.p99,
					"p50 at half of the rate, ms": half.p50,
					"p99 at half of the rate, ms": half.p99,
				},
				wrong: [...wrong, ...wrongOf("full rate", high.result), ...wrongOf("half rate", half.result)].concat(
					high.missing + half.missing > 0 ? [`${high.missing + half.missing} records are missing`] : [],
				),
			};
		} finally {
			await watch.stop();
			await stand.stop();
		}
	},
};

interface Lag {
	result: Result;
	p50: number;
	p99: number;
	/** Events in the outbox half a second after the last send. */
	waiting: number;
	drainSeconds: number;
	/** Messages that were acknowledged and never came from Kafka. */
	missing: number;
}

async function lagAt(
	crowd: Crowd,
	watch: RecordWatch,
	{ namespace = "" }: Stand,
	{ databaseUrl }: Servers,
	rate: number,
): Promise<Lag> {
	return withTables(databaseUrl, async client => {
		const left = () => countOf(client, namespace, "outbox");
		const before = await drain(client, namespace, DRAIN_MAX_MS / 1_000);
		if (before.left > 0)
			throw new Error(`${before.left} events still waited for Kafka before the first send.`);
		await pause(500);
		watch.forget();
		const result = await crowd.run(Math.round(rate), SECONDS);
		const waiting = await left();
		const endedAt = performance.now();
		const isOver = () => performance.now() > endedAt + DRAIN_MAX_MS;
		while (watch.count < result.acknowledged && !isOver()) await pause(20);
		return {
			result,
			p50: watch.quantile(0.5),
			p99: watch.quantile(0.99),
			waiting,
			drainSeconds: (performance.now() - endedAt) / 1_000,
			missing: result.acknowledged - watch.count,
		};
	});
}
