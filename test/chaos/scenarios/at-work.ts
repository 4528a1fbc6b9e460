import { type InstallOptions, Stage, type StageOptions } from "../stage.ts";
import { Workload, type WorkOptions } from "../workload/workload.ts";
import { conclude, type Ending } from "./conclude.ts";
import type { Outcome } from "./scenario.ts";

interface Setting {
	stage: StageOptions;
	install?: InstallOptions;
	work: WorkOptions;
}

/**
 * Has people work on a stage of its own, and breaks what `harm` breaks; then the checker looks. Whatever becomes of it,
 * all that was started ends.
 */
export async function atWork(
	setting: Setting,
	harm: (stage: Stage, work: Workload) => Promise<Ending>,
): Promise<Outcome> {
	const stage = await Stage.start(setting.stage);
	let work: Workload | undefined;
	try {
		await stage.install(setting.install);
		work = await Workload.on(stage, setting.work);
		work.start();
		const { figures, findings } = await conclude(stage, work, await harm(stage, work));
		return { figures: [figures], findings };
	} finally {
		await work?.end();
		await stage.stop();
	}
}
