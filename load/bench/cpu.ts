/** What a server of the comparison uses. */
import type { Servers } from "../../test/support/servers.ts";
import { SERVER_CORE } from "../stage/cores.ts";
import { type Cpu, meterOf } from "../stage/cpu.ts";
import { pin } from "../stage/machine.ts";
import type { Stand, Target } from "./targets.ts";

/** Gives all of a server's processes its core: what came before was no part of the work. */
export function settleIn({ pid, pids = [pid] }: Stand): void {
	for (const each of pids) pin(each, SERVER_CORE);
}

/** Answers with a function that says how much was used since it was asked last. */
export function cpuMeter({ pid, pids = [pid] }: Stand, { stores }: Target, { postgres }: Servers): () => Cpu {
	return meterOf(pids, stores ? postgres?.pid : undefined);
}
