/** Many quiet rooms, where there is nothing to gather: what a delivery costs by itself. */
import type { Servers } from "../../test/support/servers.ts";
import { cpuMeter, settleIn } from "../bench/cpu.ts";
import { Crowd } from "../bench/crowd.ts";
import { wrongOf } from "../bench/tally.ts";
import { BARE_SOCKET_IO, parley, type Scenario, type Target } from "../bench/targets.ts";
import type { Cpu } from "../stage/cpu.ts";
import { drained } from "../stage/outbox.ts";
import type { Figures, Row } from "./row.ts";

/** 5,000 clients, not 20,000: a process may often have no more than so many files. */
const SCENARIO: Scenario = { name: "quiet", rooms: 1_000, members: 20, roomsEach: 4 };
const RATE = SCENARIO.rooms / 10;
/** As long as Socket.IO's time between two pings, which are a part of what quiet clients cost. */
const SECONDS = 25;
/** Faster, so that what runs often is compiled. */
const WARM_RATE = 1_000;
const WARM_SECONDS = 4;

interface Cost {
	/** Microseconds a delivery. */
	cpu: Cpu;
	/** Of the server's core, in percent. */
	share: number;
	p50: number;
	p99: number;
	wrong: string[];
}

export const quiet: Row = {
	name: "quiet",
	what: "CPU of server and PostgreSQL a delivery, 1,000 rooms of 20 that each send once in 10 s",
	unit: "x bare Socket.IO",
	better: "less",
	floor: 1,
	aim: 0.7,
	async measure({ servers, env }, progress): Promise<Figures> {
		const bare = await costOf(BARE_SOCKET_IO, servers, share => progress(share * 0.3));
		const own = await costOf(parley("Parley", env), servers, share => progress(0.3 + share * 0.7));
		return {
			figure: (own.cpu.server + own.cpu.postgres) / bare.cpu.server,
			details: {
				"Parley, µs": own.cpu.server,
				"its PostgreSQL, µs": own.cpu.postgres,
				"bare Socket.IO, µs": bare.cpu.server,
				"Parley and its PostgreSQL, % of the core": own.share,
				"Parley, p50 ms": own.p50,
				"Parley, p99 ms": own.p99,
				"bare Socket.IO, p99 ms": bare.p99,
				clients: "5,000, each in 4 of the rooms",
			},
			wrong: [...bare.wrong, ...own.wrong],
		};
	},
};

async function costOf(target: Target, servers: Servers, progress: (share: number) => void): Promise<Cost> {
	const stand = await target.start(servers, SCENARIO, share => progress(share / 2));
	try {
		settleIn(stand);
		const crowd = await Crowd.gather(target, stand, SCENARIO, share => progress((1 + share) / 2));
		if (stand.namespace) await drained(servers.databaseUrl, stand.namespace);
		const warm = await crowd.run(WARM_RATE, WARM_SECONDS);
		const used = cpuMeter(stand, target, servers);
		const result = await crowd.run(RATE, SECONDS);
		const { server, postgres } = used();
		crowd.close();
		return {
			cpu: { server: server / result.delivered, postgres: postgres / result.delivered },
			share: (server + postgres) / (result.seconds * 1e4),
			p50: result.p50,
			p99: result.p99,
			wrong: [...wrongOf(`${target.name} warm`, warm), ...wrongOf(target.name, result)],
		};
	} finally {
		await stand.stop();
	}
}
