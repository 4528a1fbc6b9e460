/** Steps of the bench, each with what it took itself: neither pauses nor what was thrown away count for another. */
import type { CoresUse } from "../stage/cores.ts";
import type { Cpu } from "../stage/cpu.ts";
import type { Drain } from "../stage/outbox.ts";
import type { Runner } from "./stairs.ts";
import type { Result } from "./tally.ts";
import type { Traffic } from "./traffic.ts";

export interface Step extends Result {
	/** In microseconds, until its outbox was empty: of the server's processes, and of PostgreSQL where it stores. */
	cpuPerDelivery: Cpu;
	cores: CoresUse;
	/** Of a server that has an outbox: what waited in it after the last delivery. */
	outbox: Drain | null;
	/** Null where it was not asked for. */
	traffic: Traffic | null;
}

export interface Meters {
	/** These answer with what was used since they were asked last. */
	cpu(): Cpu;
	cores(): CoresUse;
	traffic(): Promise<Traffic | null>;
	/** Waits for the outbox, where there is one: a short step could hide that it grows, and leave its work to the next. */
	drain(): Promise<Drain | null>;
}

/** Of a core, in percent, both cores together. */
const STOLEN_MAX = 10;

export const stolenIn = ({ cores: { server, load } }: Step): number => server.stolen + load.stolen;

/**
 * A step during which the host took much of the cores away says little: it is made once more.
 * @param discarded told what was thrown away
 */
export function metered(
	crowd: Runner<Result>,
	{ cpu, cores, traffic, drain }: Meters,
	discarded: (step: Step) => void,
): Runner<Step> {
	const once = async (rate: number, seconds: number): Promise<Step> => {
		await traffic();
		cpu();
		cores();
		const result = await crowd.run(rate, seconds);
		const used = cores();
		const outbox = await drain();
		const { server, postgres } = cpu();
		const delivered = Math.max(1, result.delivered);
		const cpuPerDelivery = { server: server / delivered, postgres: postgres / delivered };
		return { ...result, cpuPerDelivery, cores: used, outbox, traffic: await traffic() };
	};
	return {
		async run(rate, seconds) {
			const step = await once(rate, seconds);
			if (stolenIn(step) < STOLEN_MAX) return step;
			discarded(step);
			return once(rate, seconds);
		},
	};
}
