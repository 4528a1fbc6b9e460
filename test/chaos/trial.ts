/** One short workload on an installation of its own, from its start to the checker's word. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Finding } from "./checks/finding.ts";
import { rest, verdictOn } from "./evidence.ts";
import type { Stage } from "./stage.ts";
import { Workload, type WorkOptions } from "./workload/workload.ts";

/** A faulty node may never come to rest. */
const REST_WITHIN_MS = 12_000;

export interface TrialOptions extends WorkOptions {
	/** How long people work. */
	ms: number;
	/** Another checkout, for nodes of changed source. */
	root?: string;
}

export interface Trial {
	findings: Finding[];
	sends: number;
}

/** @throws where it cannot even be carried out: as much of a finding as any */
export async function runTrial(stage: Stage, { ms, root, ...options }: TrialOptions): Promise<Trial> {
	let work: Workload | undefined;
	try {
		await stage.install(root ? { root } : {});
		work = await Workload.on(stage, options);
		work.start();
		await sleep(ms);
		await work.stop();
		await work.lastWords();
		await rest(stage, work, REST_WITHIN_MS);
		return { findings: await verdictOn(stage, work, 0), sends: work.acknowledged };
	} finally {
		await work?.end();
		await stage.killNodes();
	}
}
