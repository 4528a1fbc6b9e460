/** The end of every scenario: all comes to rest, the checker looks, and the figures are drawn up. */
import { countKinds } from "../checks/examine.ts";
import type { Finding } from "../checks/finding.ts";
import { rest, verdictOn } from "../evidence.ts";
import type { Limited } from "../limits.ts";
import type { Deed } from "../record.ts";
import type { Stage } from "../stage.ts";
import type { Workload } from "../workload/workload.ts";
import type { Figures } from "./scenario.ts";

/** Within 30 s a lost event is noticed, as the contract has it. */
const GRACE_MS = 32_000;
const REST_WITHIN_MS = 90_000;

/** Where people have worked, all of it is known. */
export type Measured = Omit<Figures, "limits"> & {
	longestMs: number;
	sendsAgainMs: number;
	caughtUpMs: number;
};

export interface Ending {
	/** In words. */
	fault: string;
	times?: number;
	/** In seconds, each time. */
	lasted?: number | null;
	/** When the fault was over. */
	healedAt: number;
	sendsAgainMs: number;
	/** From when to when the fault lasted, where calls may succeed meanwhile. */
	between?: readonly [from: number, to: number];
	/** @param during what was begun while the fault lasted */
	limits?(figures: Measured, during: readonly Deed[]): Limited[];
}

/** Ends a workload once all is well again, and says what came of it. */
export async function conclude(
	stage: Stage,
	work: Workload,
	{ fault, times = 1, lasted = null, healedAt, sendsAgainMs, between, limits }: Ending,
): Promise<{ figures: Figures; findings: Finding[] }> {
	await work.stop();
	await work.lastWords();
	const rested = await rest(stage, work, REST_WITHIN_MS, healedAt);
	const findings = await verdictOn(stage, work, GRACE_MS);
	// Only now all of it has ended.
	const during = between ? begunBetween(work.deeds, ...between) : [];
	const isOk = ({ outcome, errors }: Deed) => outcome === "ok" && errors === 0;
	const figures = {
		fault,
		times,
		lasted,
		...countDeeds(work.deeds),
		during: between ? { calls: during.length, ok: during.filter(isOk).length } : null,
		sendsAgainMs,
		...rested,
		ended: stage.ended.length,
		found: countKinds(findings),
	};
	return { figures: { ...figures, limits: limits?.(figures, during) ?? [] }, findings };
}

function countDeeds(deeds: readonly Deed[]) {
	const count = (outcome: Deed["outcome"]) => deeds.filter(deed => deed.outcome === outcome).length;
	return {
		sends: deeds.filter(({ does, outcome }) => does === "send" && outcome === "ok").length,
		ok: count("ok"),
		failed: count("failed"),
		unknown: count("unknown"),
		longestMs: longestOf(deeds),
	};
}

export const longestOf = (deeds: readonly Deed[]): number =>
	Math.round(deeds.reduce((most, { ms }) => Math.max(most, ms), 0));

/** Of those that clients have timed, the ones that were begun between two moments. */
const begunBetween = (deeds: readonly Deed[], from: number, to: number): Deed[] =>
	deeds.filter(({ at, ms }) => ms > 0 && at >= from && at < to);

/** Ms until each gateway acknowledges a send, whatever is in front of them. @throws where one refuses it */
export async function untilAcknowledged({ gateways }: Stage, work: Workload): Promise<number> {
	const startedAt = Date.now();
	await Promise.all(gateways.map(url => work.say(work.cast.chatIds[0] as string, url)));
	return Date.now() - startedAt;
}
