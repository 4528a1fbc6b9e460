/** What each invariant says that a scenario's checks would find broken: those of tier A, and those that only long runs show. */
import { TIER_A } from "../invariants.ts";

const TIER_B: Readonly<Record<string, string>> = {
	I10: "A node whose clock jumps changes neither order nor counts, nor how clients come back.",
	I30: "While PostgreSQL is away nothing is acknowledged that is not stored; afterwards all goes on without a restart.",
	I31: "While Redis is away messages are still committed; afterwards every device catches up, and nothing was done twice.",
	I33: "Whatever service is killed and comes again: what a client repeats succeeds, and nothing acknowledged is lost.",
	I34: "A node that stands still is missed, calls go round it, and what it does late does nothing twice.",
	I38: "A thousand clients that are cut off at once are back soon, and cost PostgreSQL little.",
	I41: "A backup with its archived log brings back all that was acknowledged before the moment, and no event has its effect twice.",
	I36: "A node that is asked too much refuses early, says when to come again, and loses nothing that it accepted.",
};

/** @throws Error where nobody has said what it is */
export function promiseOf(id: string): string {
	const promise = TIER_A[id] ?? TIER_B[id];
	if (!promise) throw new Error(`${id} is no invariant that is known here.`);
	return promise;
}
