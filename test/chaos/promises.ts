/** What each invariant says that a scenario's checks would find broken: those of tier A, and those that only long runs show. */
import { TIER_A } from "../invariants.ts";

const TIER_B: Readonly<Record<string, string>> = {
	I30: "While PostgreSQL is away nothing is acknowledged that is not stored; afterwards all goes on without a restart.",
	I31: "While Redis is away messages are still committed; afterwards every device catches up, and nothing was done twice.",
};

/** @throws Error where nobody has said what it is */
export function promiseOf(id: string): string {
	const promise = TIER_A[id] ?? TIER_B[id];
	if (!promise) throw new Error(`${id} is no invariant that is known here.`);
	return promise;
}
