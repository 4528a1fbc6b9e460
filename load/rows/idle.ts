/** What a connection costs that does nothing but stay. */
import type { Servers } from "../../test/support/servers.ts";
import { settleIn } from "../bench/cpu.ts";
import { BARE_SOCKET_IO, BARE_WS, parley, type Target } from "../bench/targets.ts";
import { residentKiB } from "../stage/machine.ts";
import { settled } from "../stage/outbox.ts";
import { comeIn, PEOPLE, PEOPLE_COUNT } from "./people.ts";
import { type Figures, pause, type Row } from "./row.ts";

/** The first ones also pay for what the process makes once, the full size of V8's young generation among it. */
const FIRST = 2_500;
const AT_ONCE = 32;
/** Nobody can tell a process from outside to collect its garbage: it is waited until it is still. */
const SETTLE_MS = 5_000;
/** An idle node goes on making garbage, and with it room that V8 keeps. */
const LATER_MS = 120_000;

export const idle: Row = {
	name: "idle",
	what: "memory of an idle connection, signed in, in 20 chats",
	unit: "KiB",
	better: "less",
	floor: 28,
	aim: 16,
	async measure({ servers, env }, progress): Promise<Figures> {
		const ws = await slopeOf(BARE_WS, servers, share => progress(share * 0.2));
		const io = await slopeOf(BARE_SOCKET_IO, servers, share => progress(0.2 + share * 0.2));
		// Anew: what the making of the chats left free in its memory would hide what connections take.
		const own = await slopeOf(
			parley("Parley", env, { restarted: true }),
			servers,
			share => progress(0.4 + share * 0.6),
			LATER_MS,
		);
		return {
			figure: own.slope,
			details: {
				"bare Socket.IO, KiB": io.slope,
				"bare ws, KiB": ws.slope,
				[`Parley after ${LATER_MS / 1_000} s more, KiB`]: own.later,
				[`Parley with ${PEOPLE_COUNT} connections, MiB`]: own.all / 1_024,
				"Parley before the first, MiB": own.none / 1_024,
			},
			wrong: [],
		};
	},
};

/** KiB for each connection of the second half, soon and later; and of the process with all and without any. */
async function slopeOf(target: Target, servers: Servers, progress: (share: number) => void, laterMs = 0) {
	const stand = await target.start(servers, PEOPLE, share => progress(share * 0.6));
	try {
		settleIn(stand);
		if (stand.namespace) await settled(servers.databaseUrl, stand.namespace);
		const none = residentKiB(stand.pid);
		const few = await comeIn(stand, { from: 0, to: FIRST, atOnce: AT_ONCE });
		await pause(SETTLE_MS);
		const first = residentKiB(stand.pid);
		progress(0.7);
		const many = await comeIn(stand, { from: FIRST, to: PEOPLE_COUNT, atOnce: AT_ONCE });
		await pause(SETTLE_MS);
		const all = residentKiB(stand.pid);
		progress(0.8);
		await pause(laterMs);
		const slopeTo = (resident: number) => (resident - first) / (PEOPLE_COUNT - FIRST);
		const later = slopeTo(residentKiB(stand.pid));
		for (const line of [...few, ...many]) line.close();
		return { none, all, slope: slopeTo(all), later };
	} finally {
		await stand.stop();
	}
}
