/** One fault at a time, for each invariant and threat at least one: what `npm run test:mutants` switches on. */
export interface Mutant {
	/** The invariant or threat whose test must fail. */
	covers: string;
	/** The fault, in words. */
	fault: string;
	/** Where, and which text (it must be there exactly once) becomes which. */
	file: string;
	find: string;
	replace: string;
	/** The test file that must find it. */
	test: string;
	/** For tests of behaviour: the form they run against. */
	form?: "embedded" | "cluster";
}

export const MUTANTS: Mutant[] = [];
