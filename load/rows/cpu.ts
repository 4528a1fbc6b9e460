/** CPU time of the processes that do a server's work, apart from that of its PostgreSQL. */
import type { Servers } from "../../test/support/servers.ts";
import type { Stand, Target } from "../bench/targets.ts";
import { cpuSeconds, pin } from "../stage/machine.ts";
import { SERVER_CORE } from "./row.ts";

export interface Cpu {
	/** In microseconds. */
	server: number;
	postgres: number;
}

/** Gives all of a server's processes its core: what came before was no part of the work. */
export function settleIn({ pid, pids = [pid] }: Stand): void {
	for (const each of pids) pin(each, SERVER_CORE);
}

/** Answers with a function that says how much was used since. */
export function cpuMeter({ pid, pids = [pid] }: Stand, { stores }: Target, servers: Servers): () => Cpu {
	const postgres = stores ? servers.postgres?.pid : undefined;
	const read = (): Cpu => ({
		server: pids.reduce((sum, each) => sum + cpuSeconds(each), 0) * 1e6,
		postgres: postgres ? cpuSeconds(postgres) * 1e6 : 0,
	});
	const before = read();
	return () => {
		const after = read();
		return { server: after.server - before.server, postgres: after.postgres - before.postgres };
	};
}
