/** The checksum that kafkajs is given in place of its own. */
import { createRequire } from "node:module";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { crc32c } from "../../services/kafka-bridge/crc32c.ts";
import kafkajs, { CHECKSUM_MODULE } from "../../services/kafka-bridge/kafkajs.ts";

const require = createRequire(import.meta.url);
const theirs = require(`${CHECKSUM_MODULE}/crc32C`) as (bytes: Uint8Array) => number;

test("it is that of the standard, and kafkajs's own, whatever the bytes and wherever they begin", () => {
	expect(crc32c(Buffer.from("123456789"))).toBe(0xe3069283);
	fc.assert(
		fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(8), (bytes, from) => {
			const part = bytes.subarray(from);
			expect(crc32c(part)).toBe(theirs(part) >>> 0);
		}),
		{ numRuns: 1_000 },
	);
});

test("kafkajs makes its record batches with it", async () => {
	expect(kafkajs.Kafka).toBeInstanceOf(Function);
	const file = "kafkajs/src/protocol/recordBatch/v0";
	const { RecordBatch } = require(file) as { RecordBatch(parts: object): Promise<{ buffer: Buffer }> };
	expect(require(CHECKSUM_MODULE)).toBe(crc32c);
	// int64 offset, int32 length, int32 epoch, int8 magic, then the checksum of all that follows it.
	const { buffer } = await RecordBatch({ records: [] });
	expect(buffer.readUInt32BE(17)).toBe(crc32c(buffer.subarray(21)));
});
