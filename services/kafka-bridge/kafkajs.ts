/**
 * kafkajs, with what publishing costs most done in another way: its checksum takes a byte at a step, each record a
 * dozen buffers, its grouping the square of the messages, and its encoder twice the room that it needs, seven times
 * over, all of it filled with zeros. And each of its connections looks a thousand times a second whether a request
 * waits. And what it sends again may be lost. There is no setting for any of it, so the modules that it asks are changed
 * before anything asks. The bytes are the same.
 */
import { createRequire } from "node:module";
import type { ICustomPartitioner, Message, PartitionMetadata } from "kafkajs";
import { InFlight } from "../../lib/in-flight.ts";
import { crc32c } from "./crc32c.ts";
import { isPlain, type RecordParts, recordBytes } from "./records.ts";

const PROTOCOL = "kafkajs/src/protocol";
export const CHECKSUM_MODULE = `${PROTOCOL}/recordBatch/crc32C`;
export const RECORD_MODULE = `${PROTOCOL}/recordBatch/record/v0`;
const GROUPING_MODULE = "kafkajs/src/producer/groupMessagesPerPartition";
export const SEND_MODULE = "kafkajs/src/producer/sendMessages";
const ENCODER_MODULE = `${PROTOCOL}/encoder`;
export const QUEUE_MODULE = "kafkajs/src/network/requestQueue";

interface RequestQueue {
	pending: unknown[];
	inflight: unknown;
	scheduleCheckPendingRequests(): void;
}

interface Encoder {
	buf: Buffer;
	offset: number;
	readonly buffer: Buffer;
	ensureAvailable(length: number): void;
	writeEncoderArray(encoders: Pick<Encoder, "buf" | "buffer">[]): Encoder;
}

const require = createRequire(import.meta.url);

replace<(bytes: Buffer) => number>(CHECKSUM_MODULE, () => crc32c);

replace<(parts: RecordParts) => Pick<Encoder, "buf" | "buffer">>(RECORD_MODULE, theirs => parts => {
	if (!isPlain(parts)) return theirs(parts);
	const bytes = recordBytes(parts);
	return { buf: bytes, buffer: bytes };
});

interface Grouped {
	topic: string;
	partitionMetadata: PartitionMetadata[];
	messages: Message[];
	partitioner: ReturnType<ICustomPartitioner>;
}

// Theirs copies the list again with each message.
replace<(from: Grouped) => Record<number, Message[]>>(GROUPING_MODULE, () => from => {
	const { topic, partitionMetadata, messages, partitioner } = from;
	const groups: Record<number, Message[]> = {};
	if (partitionMetadata.length === 0) return groups;
	for (const message of messages) {
		const partition = partitioner({ topic, partitionMetadata, message });
		groups[partition] ??= [];
		groups[partition].push(message);
	}
	return groups;
});

type Send = (asked: object) => Promise<unknown>;
type Attempt = (bail: (err: unknown) => void, retryCount: number, retryTime: number) => Promise<unknown>;

/** Whoever sends tries again, all of it. */
const once = (attempt: Attempt) =>
	new Promise((resolve, reject) => attempt(reject, 0, 0).then(resolve, reject));

// A retry of theirs asks only brokers that have not answered. Where one of them has gone, and its partitions are led by
// one that had answered, nobody is sent them, and the send has succeeded.
replace<(options: object) => Send>(SEND_MODULE, theirs => options => theirs({ ...options, retrier: once }));

const { prototype } = require(ENCODER_MODULE) as { prototype: Encoder };
if (!prototype.ensureAvailable || !prototype.writeEncoderArray)
	throw new Error("kafkajs has another encoder.");

prototype.ensureAvailable = function ensureAvailable(length) {
	const needed = this.offset + length;
	if (needed <= this.buf.length) return;
	// Small things may go on coming, a large one is nearly always the last.
	const bytes = Buffer.allocUnsafe(length > this.buf.length ? needed : Math.max(needed, 2 * this.buf.length));
	this.buf.copy(bytes, 0, 0, this.offset);
	this.buf = bytes;
};

prototype.writeEncoderArray = function writeEncoderArray(encoders) {
	const parts = encoders.map(({ buffer }) => buffer);
	this.ensureAvailable(parts.reduce((sum, { length }) => sum + length, 0));
	for (const part of parts) {
		this.buf.set(part, this.offset);
		this.offset += part.length;
	}
	return this;
};

replace<new (options: object) => RequestQueue>(QUEUE_MODULE, theirs => {
	if (!theirs.prototype.scheduleCheckPendingRequests)
		throw new Error("kafkajs has another queue of requests.");
	return class extends theirs {
		constructor(options: object) {
			super(options);
			if (!(this.inflight instanceof Map)) throw new Error("kafkajs keeps its requests elsewhere.");
			// The tables of a Map that comes and goes would keep the requests, and what they hold.
			this.inflight = new InFlight();
		}

		// Each look asks for the next one, in a millisecond where nothing waits. Whatever begins to wait asks for one itself.
		override scheduleCheckPendingRequests() {
			if (this.pending.length > 0) super.scheduleCheckPendingRequests();
		}
	};
});

export default require("kafkajs") as typeof import("kafkajs");

/** Throws where a later kafkajs has no such module: then this file is to be looked at. */
function replace<Exports>(file: string, by: (theirs: Exports) => Exports): void {
	const theirs = require(file) as Exports;
	const module = require.cache[require.resolve(file)];
	if (module) module.exports = by(theirs);
}
