import type { Mutant } from "../mutants.ts";

/** PostgreSQL, Redis or a node is away for a while, and is there again. */
export const OUTAGE_MUTANTS: readonly Mutant[] = [
	{
		covers: "I30",
		fault: "an answer of PostgreSQL's is waited for for a minute",
		file: "lib/database.ts",
		find: "query_timeout: QUERY_TIMEOUT_MS,",
		replace: "query_timeout: 60_000,",
		test: "test/faults/outages.test.ts",
	},
	{
		covers: "I30",
		fault: "a PostgreSQL that does not answer is told as an error of ours",
		file: "lib/database.ts",
		find: "|Query read timeout|",
		replace: "|",
		test: "test/faults/outages.test.ts",
	},
	{
		covers: "I31",
		fault: "a packet that cannot be sent ends the process",
		file: "lib/redis-transporter.ts",
		find: '.catch(err => this.logger.warn("A packet was not sent.", err));',
		replace: ";",
		test: "test/faults/outages.test.ts",
	},
	{
		covers: "I31",
		fault: "what was lost on the way is looked for only at the start",
		file: "services/gateway/sockets/heads.ts",
		find: "if (this.#round || this.#isStopped) {",
		replace: "if (this.#round || this.#isStopped || this.#since !== undefined) {",
		test: "test/faults/outages.test.ts",
	},
	{
		covers: "I34",
		fault: "a node that is silent is waited for for a quarter of a minute",
		file: "moleculer.config.ts",
		find: "heartbeatTimeout: 5,",
		replace: "heartbeatTimeout: 15,",
		test: "test/faults/frozen-worker.test.ts",
	},
	{
		covers: "I34",
		fault: "what a silent node was asked for is asked of others under another key",
		file: "services/gateway/sockets/sends.ts",
		find: "return this.#anywhere(sends, { timeout: AFTER_HOME_TIMEOUT_MS, ",
		replace: `const anew = sends.map(send => ({ ...send, clientId: newId() }));
			return this.#anywhere(anew, { timeout: AFTER_HOME_TIMEOUT_MS, `,
		test: "test/faults/frozen-worker.test.ts",
	},
];
