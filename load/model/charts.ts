import type { Chart } from "../print/chart.ts";
import { workloadOf } from "./arithmetic.ts";
import type { Costs } from "./costs.ts";
import { type Bus, type Load, loadOf, planFor } from "./model.rules.ts";

const BUSES: Bus[] = ["each", "one", "by chat"];
/** From 100 to 100,000 a second, four to each power of ten. */
const RATES = Array.from({ length: 13 }, (_, i) => Math.round(100 * 10 ** (i / 4)));

/** What grows faster than the work: by messages a second, ten connections for each. */
export function chartsOf(costs: Costs): (readonly [name: string, chart: Chart])[] {
	const chart = (title: string, label: string, value: (load: Load) => number): Chart => ({
		title,
		x: { label: "messages a second, ten connections for each", log: true },
		y: { label, log: true },
		series: BUSES.map(bus => ({
			name: NAMES[bus],
			points: RATES.flatMap(rate => {
				const plan = planFor(costs, workloadOf(rate), bus);
				return plan ? [[rate, value(loadOf(costs, workloadOf(rate), plan))] as const] : [];
			}),
		})),
	});
	return [
		["redis", chart("Cores of Redis for the bus", "cores", load => load.redis.cores)],
		["hearing", chart("Of a gateway's core, for hearing of others", "%", load => load.hearing * 100)],
	];
}

const NAMES: Record<Bus, string> = { each: "a packet to each", one: "one channel", "by chat": "by chat" };
