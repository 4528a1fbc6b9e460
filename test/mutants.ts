/** One fault at a time, for each invariant and threat of tier A at least one: what `npm run test:mutants` switches on. */
import { BRIDGE_MUTANTS } from "./mutants/bridge.ts";
import { CLIENT_MUTANTS } from "./mutants/client.ts";
import { DELIVERY_MUTANTS } from "./mutants/delivery.ts";
import { LOG_MUTANTS } from "./mutants/log.ts";
import { OUTAGE_MUTANTS } from "./mutants/outages.ts";
import { PEOPLE_MUTANTS } from "./mutants/people.ts";
import { RIGHTS_MUTANTS } from "./mutants/rights.ts";
import { WIRE_MUTANTS } from "./mutants/wire.ts";

export interface Mutant {
	/** The invariant or threat whose test must fail. */
	covers: string;
	/** The fault, in words. */
	fault: string;
	/** Where, and which text (it must be there exactly once) becomes which. */
	file: string;
	find: string;
	replace: string;
	/** The test file that must find it, by a test whose title names what is covered. */
	test: string;
	/** More of the titles, where few of the tests are enough: a regular expression. */
	only?: string;
	/** For tests of behaviour, where it is not the embedded form that they run against. */
	form?: "cluster";
}

export const MUTANTS: readonly Mutant[] = [
	...LOG_MUTANTS,
	...DELIVERY_MUTANTS,
	...PEOPLE_MUTANTS,
	...BRIDGE_MUTANTS,
	...OUTAGE_MUTANTS,
	...RIGHTS_MUTANTS,
	...WIRE_MUTANTS,
	...CLIENT_MUTANTS,
];
