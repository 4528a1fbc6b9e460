/** What kafkajs is given in place of its own parts writes the same bytes. */
import { createRequire } from "node:module";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import kafkajs, { RECORD_MODULE } from "../../services/kafka-bridge/kafkajs.ts";
import { isPlain, type RecordParts, recordBytes } from "../../services/kafka-bridge/records.ts";

const require = createRequire(import.meta.url);
const Encoder = require("kafkajs/src/protocol/encoder");
const grouped = require("kafkajs/src/producer/groupMessagesPerPartition");

const bytes = fc.option(
	fc.oneof(fc.string({ unit: "binary", maxLength: 9_000 }), fc.uint8Array().map(Buffer.from)),
);
const deltas = fc.oneof(fc.nat(300), fc.nat(2 ** 30 - 1));

/** The record as the format's description has it, one field after the other. */
const described = ({ offsetDelta = 0, timestampDelta = 0, key, value }: RecordParts): Buffer => {
	const body = new Encoder()
		.writeInt8(0)
		.writeVarLong(timestampDelta)
		.writeVarInt(offsetDelta)
		.writeVarIntBytes(key)
		.writeVarIntBytes(value)
		.writeVarInt(0);
	return new Encoder().writeVarInt(body.size()).writeEncoder(body).buffer;
};

test("a record has the bytes that its format asks for, whatever is in it", () => {
	fc.assert(
		fc.property(deltas, deltas, bytes, bytes, (offsetDelta, timestampDelta, key, value) => {
			const parts = { offsetDelta, timestampDelta, key, value };
			expect(recordBytes(parts).equals(described(parts))).toBe(true);
		}),
		{ numRuns: 500 },
	);
});

test("kafkajs writes its records so, but those with headers in its own way", () => {
	expect(kafkajs.Kafka).toBeInstanceOf(Function);
	const record = require(RECORD_MODULE) as (parts: RecordParts) => { buffer: Buffer };
	const parts = { offsetDelta: 3, key: "a chat", value: Buffer.from("an event") };
	expect(record(parts).buffer).toEqual(recordBytes(parts));
	const withHeaders = { ...parts, headers: { type: "x" } };
	expect(isPlain(withHeaders)).toBe(false);
	expect(record(withHeaders).buffer.includes("type")).toBe(true);
	expect([-1, 2 ** 30].map(offsetDelta => isPlain({ offsetDelta }))).toEqual([false, false]);
});

test("the encoder holds what was written to it, in small pieces and in large ones", () => {
	fc.assert(
		fc.property(
			fc.array(fc.uint8Array({ maxLength: 2_000 }), { maxLength: 40 }),
			fc.nat(40),
			(pieces, alone) => {
				const encoder = new Encoder();
				const all = pieces.map(piece => ({ buf: Buffer.from(piece), buffer: Buffer.from(piece) }));
				for (const piece of all.slice(0, alone)) encoder.writeEncoder(piece);
				encoder.writeEncoderArray(all.slice(alone));
				expect(encoder.buffer.equals(Buffer.concat(pieces))).toBe(true);
			},
		),
	);
});

test("messages are grouped by partition, each group in the order of sending", () => {
	const messages = Array.from({ length: 50 }, (_, i) => ({ key: `${i % 7}`, value: `${i}` }));
	const partitioner = ({ message }: { message: { key: string } }) => Number(message.key) % 3;
	const groups = grouped({ topic: "t", partitionMetadata: [{}, {}, {}], messages, partitioner });
	expect(groups).toEqual(Object.groupBy(messages, ({ key }) => Number(key) % 3));
	expect(grouped({ topic: "t", partitionMetadata: [], messages, partitioner })).toEqual({});
});
