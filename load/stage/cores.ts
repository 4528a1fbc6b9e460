/**
 * The two cores of a measurement: the server has one, mostly with its PostgreSQL; clients, Redis and Kafka have the other.
 */
import type { Servers } from "../../test/support/servers.ts";
import { type CoreTicks, coreTicks, pin } from "./machine.ts";

export const SERVER_CORE = 0;
export const LOAD_CORE = 1;

/** In percent of the core. */
export interface CoreUse {
	busy: number;
	/** What the host took away from this machine. */
	stolen: number;
}

export interface CoresUse {
	server: CoreUse;
	load: CoreUse;
}

/**
 * Gives this process and the servers beside Parley their cores; what they start from now on shares them.
 * @throws where PostgreSQL's process is not known, whose CPU would count as none
 */
export function settleServers(
	{ postgres, redis, kafka }: Pick<Servers, "postgres" | "redis" | "kafka">,
	postgresCore = SERVER_CORE,
): void {
	if (!postgres?.pid) throw new Error("PostgreSQL's process is not known: its CPU could not be counted.");
	for (const pid of [process.pid, redis?.pid, kafka?.pid]) if (pid) pin(pid, LOAD_CORE);
	pin(postgres.pid, postgresCore);
}

/** Answers with a function that says how both cores were used since it was asked last. */
export function watchCores(): () => CoresUse {
	const read = () => ({ server: coreTicks(SERVER_CORE), load: coreTicks(LOAD_CORE) });
	let before = read();
	return () => {
		const after = read();
		const use = { server: useOf(before.server, after.server), load: useOf(before.load, after.load) };
		before = after;
		return use;
	};
}

function useOf(before: CoreTicks, after: CoreTicks): CoreUse {
	const share = (what: "busy" | "stolen") =>
		((after[what] - before[what]) * 100) / Math.max(1, after.all - before.all);
	return { busy: share("busy"), stolen: share("stolen") };
}
