/** How fast users come back, as they do when a node has stopped. */
import type { Servers } from "../../test/support/servers.ts";
import { cpuMeter, settleIn } from "../bench/cpu.ts";
import { BARE_SOCKET_IO, parley, type Target } from "../bench/targets.ts";
import { settled } from "../stage/outbox.ts";
import { comeIn, PEOPLE, PEOPLE_COUNT } from "./people.ts";
import { type Figures, pause, type Row } from "./row.ts";

const AT_ONCE = 64;
/** The first ones compile what runs often. */
const WARM = 2_000;
const SETTLE_MS = 2_000;

export const connects: Row = {
	name: "connects",
	what: "signed-in connects, users in 20 chats, 64 at once",
	unit: "/s",
	better: "more",
	floor: 1_500,
	aim: 3_000,
	async measure({ servers, env }, progress): Promise<Figures> {
		const io = await speedOf(BARE_SOCKET_IO, servers, share => progress(share * 0.3));
		const own = await speedOf(parley("Parley", env), servers, share => progress(0.3 + share * 0.7));
		return {
			figure: own.perSecond,
			details: {
				"bare Socket.IO, /s": io.perSecond,
				"Parley, µs a connect": own.server,
				"its PostgreSQL, µs a connect": own.postgres,
				"bare Socket.IO, µs a connect": io.server,
			},
			wrong: [],
		};
	},
};

async function speedOf(target: Target, servers: Servers, progress: (share: number) => void) {
	const stand = await target.start(servers, PEOPLE, share => progress(share * 0.7));
	try {
		settleIn(stand);
		if (stand.namespace) await settled(servers.databaseUrl, stand.namespace);
		const warm = await comeIn(stand, { from: 0, to: WARM, atOnce: AT_ONCE });
		await pause(SETTLE_MS);
		progress(0.85);
		const used = cpuMeter(stand, target, servers);
		const startedAt = performance.now();
		const lines = await comeIn(stand, { from: WARM, to: PEOPLE_COUNT, atOnce: AT_ONCE });
		const seconds = (performance.now() - startedAt) / 1_000;
		const { server, postgres } = used();
		for (const line of [...warm, ...lines]) line.close();
		const count = lines.length;
		return { perSecond: count / seconds, server: server / count, postgres: postgres / count };
	} finally {
		await stand.stop();
	}
}
