import type { Mutant } from "../mutants.ts";

/** Events on Kafka and their effects. */
export const BRIDGE_MUTANTS: readonly Mutant[] = [
	{
		covers: "I22",
		fault: "what Kafka did not take is deleted all the same",
		file: "services/kafka-bridge/relay/relay.ts",
		find: "await sink.publish(ours);",
		replace: "await sink.publish(ours).catch(() => {});",
		test: "test/faults/kafka-relay.test.ts",
	},
	{
		covers: "I23",
		fault: "rows of a lane are published in another order than written",
		file: "services/kafka-bridge/relay/outbox.store.ts",
		find: "ORDER BY o.lane, o.id`",
		replace: "ORDER BY o.lane, o.id DESC`",
		test: "test/faults/kafka-relay.test.ts",
	},
	{
		covers: "I24",
		fault: "an event that was seen before is applied again",
		file: "services/kafka-bridge/consumers/intake.ts",
		find: "return [...unique.values()].filter(({ event }) => marked.has(event.id));",
		replace: "return marked && [...unique.values()];",
		test: "test/database/bridge-consumers.test.ts",
	},
	{
		covers: "I24",
		fault: "the position in the source is not moved with the effect, nor are ids remembered",
		file: "services/kafka-bridge/consumers/intake.store.ts",
		find: "ORDER BY id ON CONFLICT DO NOTHING RETURNING event_id`",
		replace: "ORDER BY id ON CONFLICT (consumer, event_id) DO UPDATE SET at = now() RETURNING event_id`",
		test: "test/database/bridge-consumers.test.ts",
	},
	{
		covers: "I25",
		fault: "the relay goes on from the last id that it has published",
		file: "services/kafka-bridge/relay/relay.ts",
		find: "const ours = rows.filter(row => this.#o.leases.holds(row.lane));",
		replace: `const last = (lane: number) => this.#appetites.get(-1 - lane) ?? 0;
				const ours = rows.filter(row => this.#o.leases.holds(row.lane) && row.id > last(row.lane));
				for (const { id, lane } of ours) this.#appetites.set(-1 - lane, Math.max(id, last(lane)));`,
		test: "test/faults/kafka-relay.test.ts",
	},
	{
		covers: "I28",
		fault: "an event that is none vanishes without a dead letter",
		file: "services/kafka-bridge/consumers/intake.ts",
		find: "if (dead.length > 0)",
		replace: "if (dead.length > 1_000)",
		test: "test/database/bridge-consumers.test.ts",
	},
	{
		covers: "I28",
		fault: "an event that is none holds up those behind it",
		file: "services/kafka-bridge/consumers/intake.ts",
		find: "if (err instanceof Unreadable) return { ...record, why: err };",
		replace: "",
		test: "test/database/bridge-consumers.test.ts",
	},
	{
		covers: "I29",
		fault: "what a row says is not compared with its hash",
		file: "lib/audit/chain.ts",
		find: "return row.hash === hashOf(row) ? null :",
		replace: "return row.hash ? null :",
		test: "test/database/bridge-audit.test.ts",
	},
	{
		covers: "I29",
		fault: "a row need not follow from the one before it",
		file: "lib/audit/chain.ts",
		find: "if (row.previousHash !== head.hash)",
		replace: "if (row.previousHash === row.hash)",
		test: "test/database/bridge-audit.test.ts",
	},
	{
		covers: "I29",
		fault: "an end that was cut off is not missed",
		file: "lib/audit/verify.ts",
		find: "const cut = earlier !== null && head.n < earlier.n;",
		replace: "const cut = earlier !== null && head.n > earlier.n;",
		test: "test/database/bridge-audit.test.ts",
	},
];
