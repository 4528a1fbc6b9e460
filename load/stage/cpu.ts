/** CPU time of the processes that do a server's work, apart from that of its PostgreSQL. */
import { cpuSeconds } from "./machine.ts";

/** In microseconds. */
export interface Cpu {
	server: number;
	postgres: number;
}

/** Answers with a function that says how much was used since it was asked last. @param postgres absent where the server stores nothing */
export function meterOf(pids: readonly number[], postgres: number | undefined): () => Cpu {
	const read = (): Cpu => ({
		server: pids.reduce((sum, pid) => sum + cpuSeconds(pid), 0) * 1e6,
		postgres: postgres ? cpuSeconds(postgres) * 1e6 : 0,
	});
	let before = read();
	return () => {
		const after = read();
		const used = { server: after.server - before.server, postgres: after.postgres - before.postgres };
		before = after;
		return used;
	};
}
