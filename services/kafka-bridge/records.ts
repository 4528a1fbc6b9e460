/** A record of a Kafka batch (message format 2), written at once into a buffer of its size. */

type Bytes = Buffer | string | null | undefined;

export interface RecordParts {
	/** Place in the batch, and ms after its first record. */
	offsetDelta?: number;
	timestampDelta?: number;
	key?: Bytes;
	value?: Bytes;
	headers?: object;
}

/** What a varint may be here without a thought for 64 bits. */
const PLAIN_MAX = 2 ** 30;

/** Whether it is a record as we write them; any other is left to kafkajs. */
export function isPlain({ offsetDelta = 0, timestampDelta = 0, headers = {} }: RecordParts): boolean {
	return (
		[offsetDelta, timestampDelta].every(n => n >= 0 && n < PLAIN_MAX) && Object.keys(headers).length === 0
	);
}

/** Of a plain record. */
export function recordBytes({ offsetDelta = 0, timestampDelta = 0, key, value }: RecordParts): Buffer {
	const keyLength = lengthOf(key);
	const valueLength = lengthOf(value);
	const bodyLength =
		1 + // attributes
		varintLength(timestampDelta) +
		varintLength(offsetDelta) +
		roomFor(keyLength) +
		roomFor(valueLength) +
		1; // no headers
	const bytes = Buffer.allocUnsafe(varintLength(bodyLength) + bodyLength);
	let at = writeVarint(bytes, bodyLength, 0);
	bytes[at++] = 0;
	at = writeVarint(bytes, timestampDelta, at);
	at = writeVarint(bytes, offsetDelta, at);
	at = writeBytes(bytes, key, keyLength, at);
	at = writeBytes(bytes, value, valueLength, at);
	bytes[at] = 0;
	return bytes;
}

/** -1 is null. */
function lengthOf(value: Bytes): number {
	if (value === null || value === undefined) return -1;
	return typeof value === "string" ? Buffer.byteLength(value) : value.length;
}

/** Numbers are doubled, so that negative ones lie between: here only -1 is one, and takes a byte as 0 does. */
function varintLength(value: number): number {
	let length = 1;
	for (let rest = value * 2; rest > 127; rest >>>= 7) length++;
	return length;
}

/** Bytes with their length before them. */
const roomFor = (length: number): number => varintLength(length) + Math.max(length, 0);

function writeVarint(bytes: Buffer, value: number, at: number): number {
	let place = at;
	let rest = value < 0 ? 1 : value * 2;
	for (; rest > 127; rest >>>= 7) bytes[place++] = (rest & 127) | 128;
	bytes[place++] = rest;
	return place;
}

function writeBytes(bytes: Buffer, value: Bytes, length: number, at: number): number {
	const place = writeVarint(bytes, length, at);
	if (value === null || value === undefined) return place;
	if (typeof value === "string") bytes.write(value, place, length);
	else bytes.set(value, place);
	return place + length;
}
