/**
 * Artillery's engine for Parley. Artillery brings the arrivals, the phases, the report and the thresholds; what is sent
 * and heard runs on the raw clients of the benchmarks, since its own HTTP engine fills half a core at 1,000 requests a
 * second, and its Socket.IO engine a whole one with a few hundred clients.
 */
import { Company, type Metrics } from "./company.ts";
import { Failed, STEPS } from "./steps.ts";

interface Script {
	config: { engines: { parley: { gather?: boolean; first?: string } } };
}

/** Artillery's own emitter. */
interface Phases {
	on(event: "phaseStarted", listener: (phase: { name?: string }) => void): unknown;
}

type Flow = Record<string, Record<string, number>>[];
type Done = (err: Error | null, context: unknown) => void;

export default class ParleyEngine {
	readonly #company = new Company();
	readonly #script: Script;

	constructor(script: Script, phases: Phases) {
		this.#script = script;
		phases.on("phaseStarted", ({ name = "" }) => {
			this.#company.phase = name;
		});
	}

	/** Artillery waits for it before the first arrival. */
	async init(): Promise<void> {
		const { gather, first } = this.#script.config.engines.parley;
		if (gather) await this.#company.gather();
		if (first) await STEPS[first]?.(this.#company, {});
	}

	createScenario({ flow }: { flow: Flow }, metrics: Metrics) {
		const company = this.#company;
		company.metrics = metrics;
		// So that a threshold on them finds a number where there was none.
		for (const name of ["lost", "repeated", "unheard"]) company.count(name, 0);
		return async (context: unknown, done: Done) => {
			metrics.emit("started");
			try {
				for (const step of flow)
					for (const [name, how] of Object.entries(step)) await STEPS[name]?.(company, how ?? {});
				done(null, context);
			} catch (err) {
				metrics.emit("error", err instanceof Failed ? err.message : String(err));
				done(err as Error, context);
			}
		};
	}
}
