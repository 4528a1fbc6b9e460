import type { ICustomPartitioner } from "kafkajs";
import { BoundedMap } from "../../lib/bounded-map.ts";
import kafkajs from "./kafkajs.ts";

const KEYS_MAX = 100_000;

/** Where Kafka's own clients put a key. Each is worked out once and not for each of its records, which costs as much as the rest of a record. */
export const rememberingPartitioner: ICustomPartitioner = () => {
	const partitionOf = kafkajs.Partitioners.DefaultPartitioner();
	const known = new BoundedMap<string, number>(KEYS_MAX);
	return args => {
		const name = `${args.partitionMetadata.length}:${args.message.key}`;
		const before = known.get(name);
		if (before !== undefined) return before;
		const partition = partitionOf(args);
		known.set(name, partition);
		return partition;
	};
};
