/** PostgreSQL's disk, a small one, is full for a while; then there is space again, and PostgreSQL is started again. */
import { setTimeout as sleep } from "node:timers/promises";
import { smallDisk } from "../../support/servers/small-disk.ts";
import { atLeast, atMost } from "../limits.ts";
import type { Deed } from "../record.ts";
import { atWork } from "./at-work.ts";
import { longestOf, untilAcknowledged } from "./conclude.ts";
import type { Options, Outcome, Scenario } from "./scenario.ts";

const DISK_MIB = 256;
/** So that it needs new space soon: at most so much of its log is kept, and none of it stands ready. */
const SETTINGS = { max_wal_size: "64MB", min_wal_size: "32MB", wal_recycle: "off", wal_init_zero: "on" };
const CALM_MS = 2_000;
const PAUSE_MS = 10;

export const diskFull: Scenario = {
	name: "disk-full",
	does: "PostgreSQL's disk is full; then space is freed, and PostgreSQL is started again, but no node",
	covers: ["I1", "I3", "I7", "I8", "I9", "I17", "I18", "I22", "I30"],
	run,
};

async function run({ seed, nodes, seconds }: Options): Promise<Outcome> {
	const disk = smallDisk(DISK_MIB);
	try {
		return await atWork(
			{
				stage: { nodes, postgres: { native: true, within: disk.path, settings: SETTINGS } },
				work: { seed, pauseMs: PAUSE_MS },
			},
			async (stage, work) => {
				await sleep(CALM_MS);
				disk.fill();
				const fullAt = Date.now();
				await sleep(seconds * 1_000);
				disk.free();
				const freedAt = Date.now();
				await stage.servers.postgres.restart();
				const healedAt = Date.now();
				const sendsAgainMs = await untilAcknowledged(stage, work);
				return {
					fault: "PostgreSQL's disk full",
					lasted: seconds,
					healedAt,
					sendsAgainMs,
					between: [fullAt, freedAt],
					limits: ({ found }, during) => [
						atMost("I30", "acknowledged and not stored", found.lost ?? 0, 0, "count"),
						atMost("I30", "longest answer", longestOf(during), 5_000),
						atMost("I30", "sends again after PostgreSQL's start", sendsAgainMs, 10_000),
						// PostgreSQL's log is on the same disk, and cannot say it.
						atLeast("I30", "calls refused while it was full", during.filter(isRefused).length, 1, "count"),
					],
				};
			},
		);
	} finally {
		disk.remove();
	}
}

const isRefused = ({ errors }: Deed): boolean => errors > 0;
