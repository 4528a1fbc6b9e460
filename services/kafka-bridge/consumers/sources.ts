/** From where records come to an intake: partitions of Kafka, or without it the outbox itself. */
import type { Handler } from "../port.ts";
import type { Sink } from "../relay/relay.ts";
import type { Intake } from "./intake.ts";

/** Where PostgreSQL and Kafka differ about the position, PostgreSQL is right: it knows what was applied. */
export function fromKafka(intake: Intake): Handler {
	return async ({ topic, partition, records, fresh, end }) => {
		const source = `${topic}-${partition}`;
		if (fresh) {
			const position = await intake.store.position(source);
			// Beyond the end: the topic was deleted and made anew.
			if (position !== null && position > end) await intake.store.forgetPosition(source);
			else if (position !== null && records[0]?.offset !== position) return { seek: position };
		}
		await intake.take(
			source,
			records.map(({ offset, key, value }) => ({ position: offset, key, text: value })),
		);
		return undefined;
	};
}

/** Without Kafka: a row is safe once each of the consumers has applied it. */
export function toConsumers(intakes: readonly Intake[]): Sink {
	return {
		async publish(rows) {
			for (const [lane, some] of Map.groupBy(rows, row => row.lane)) {
				const arrived = some.map(({ id, key, event }) => ({ position: id, key, text: event }));
				for (const intake of intakes) await intake.take(`lane-${lane}`, arrived);
			}
		},
		async publishDead() {},
	};
}
