/** All nodes are replaced by those of the next version, one after the other, behind a proxy; then one goes back. */
import { setTimeout as sleep } from "node:timers/promises";
import type { FrontName } from "../../support/front.ts";
import { bothVersions } from "../../support/next-version.ts";
import { atLeast, atMost } from "../limits.ts";
import type { Deed } from "../record.ts";
import type { Farewell } from "../stage.ts";
import { atWork } from "./at-work.ts";
import { untilAcknowledged } from "./conclude.ts";
import type { Options, Outcome, Scenario } from "./scenario.ts";

const FRONTS = ["nginx", "haproxy"] as const satisfies FrontName[];
const CALM_MS = 1_500;
const PAUSE_MS = 40;
const ENDS_WITHIN_MS = 10_000;
/** So that something was under way at every moment. */
const SENDS_MIN = 100;

export const upgrades: readonly Scenario[] = FRONTS.map(front => ({
	name: `upgrade-${front}`,
	does: `all nodes behind ${front} are replaced by those of the next version, one after the other, and one goes back`,
	covers: ["I1", "I3", "I7", "I8", "I9", "I12", "I17", "I18", "I22", "I23", "I37", "I39"],
	run: options => run(front, options),
}));

async function run(front: FrontName, { seed, nodes, progress }: Options): Promise<Outcome> {
	const { n, next, remove } = bothVersions();
	try {
		return await atWork(
			{
				stage: { nodes },
				install: { root: n.root, front },
				// Whoever changes what was deleted a moment before is refused, and rightly: so nothing is deleted here.
				work: { seed, pauseMs: PAUSE_MS, mix: { delete: 0 } },
			},
			async (stage, work) => {
				const begunAt = Date.now();
				const steps = stage.places.map(place => ({ place, root: next.root }));
				steps.push(...stage.places.slice(-1).map(place => ({ place, root: n.root })));
				const farewells: Farewell[] = [];
				for (const [i, { place, root }] of steps.entries()) {
					await sleep(CALM_MS);
					farewells.push(await stage.replaceNode(place, root));
					progress((i + 1) / steps.length);
				}
				await sleep(CALM_MS);
				const healedAt = Date.now();
				const sendsAgainMs = await untilAcknowledged(stage, work);
				return {
					fault: `a node behind ${front} replaced by one of another version`,
					times: steps.length,
					healedAt,
					sendsAgainMs,
					between: [begunAt, healedAt],
					limits: ({ found, sends }) => [
						atMost("I37", "failed operations of clients of the SDK", failedOf(work), 0, "count"),
						atMost("I37", "refused operations of bare clients", refusedOf(work.deeds), 0, "count"),
						atMost("I37", "nodes that ended with another code than 0", badCodes(farewells), 0, "count"),
						atMost("I37", "longest that a node took to end", longestEnd(farewells), ENDS_WITHIN_MS),
						atLeast("I37", "sends acknowledged", sends, SENDS_MIN, "count"),
						atMost("I39", "missing on Kafka", found.unpublished ?? 0, 0, "count"),
					],
				};
			},
		);
	} finally {
		remove();
	}
}

const failedOf = ({ sdk }: { sdk: readonly { device: { failed: readonly unknown[] } }[] }): number =>
	sdk.reduce((sum, { device }) => sum + device.failed.length, 0);

/** Who comes where they are already is refused: they have repeated what had no answer. */
const refusedOf = (deeds: readonly Deed[]): number =>
	deeds.filter(({ does, outcome }) => outcome === "failed" && does !== "join" && does !== "leave").length;

const badCodes = (farewells: readonly Farewell[]): number =>
	farewells.filter(({ code }) => code !== 0).length;

const longestEnd = (farewells: readonly Farewell[]): number => Math.max(...farewells.map(({ ms }) => ms));
