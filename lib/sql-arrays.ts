/**
 * Arrays as PostgreSQL's binary parameters. As texts each element would be escaped here and parsed there, which for a
 * batch of messages takes longer than to store them. The query must give the parameter's type: `$1::uuid[]`.
 *
 * int32 dimensions, has nulls, element's type; of the dimension: length, first index; of each element: length, bytes
 */
const HEADER_BYTES = 20;
const LENGTH_BYTES = 4;
const NULL_LENGTH = -1;
const OID = { bigint: 20, smallint: 21, integer: 23, text: 25, uuid: 2950 } as const;

const UUID_BYTES = 16;
const BIGINT_BYTES = 8;
const TWO_TO_32 = 2 ** 32;

/** @param dataBytes of all elements that are not null */
function open(oid: number, values: readonly unknown[], dataBytes: number): Buffer {
	const bytes = Buffer.allocUnsafe(HEADER_BYTES + values.length * LENGTH_BYTES + dataBytes);
	bytes.writeInt32BE(1, 0);
	bytes.writeInt32BE(1, 4); // may hold nulls; PostgreSQL looks for itself
	bytes.writeInt32BE(oid, 8);
	bytes.writeInt32BE(values.length, 12);
	bytes.writeInt32BE(1, 16);
	return bytes;
}

/** Elements of one width. */
function fixed<T>(
	oid: number,
	width: number,
	write: (bytes: Buffer, value: T, at: number) => void,
): (values: readonly (T | null)[]) => Buffer {
	return values => {
		const nulls = values.reduce((count, value) => (value === null ? count + 1 : count), 0);
		const bytes = open(oid, values, (values.length - nulls) * width);
		let at = HEADER_BYTES;
		for (const value of values) {
			bytes.writeInt32BE(value === null ? NULL_LENGTH : width, at);
			at += LENGTH_BYTES;
			if (value === null) continue;
			write(bytes, value, at);
			at += width;
		}
		return bytes;
	};
}

/** Whole numbers below 2^53. */
export const bigints = fixed<number>(OID.bigint, BIGINT_BYTES, (bytes, value, at) => {
	bytes.writeInt32BE(Math.floor(value / TWO_TO_32), at);
	bytes.writeInt32BE(value | 0, at + 4);
});

export const integers = fixed<number>(OID.integer, 4, (bytes, value, at) => {
	bytes.writeInt32BE(value, at);
});

export const smallints = fixed<number>(OID.smallint, 2, (bytes, value, at) => {
	bytes.writeInt16BE(value, at);
});

export const uuids = fixed<string>(OID.uuid, UUID_BYTES, writeUuid);

export function texts(values: readonly (string | null)[]): Buffer {
	const lengths = values.map(value => (value === null ? NULL_LENGTH : Buffer.byteLength(value)));
	const bytes = open(
		OID.text,
		values,
		lengths.reduce((sum, length) => sum + Math.max(0, length), 0),
	);
	let at = HEADER_BYTES;
	for (const [i, value] of values.entries()) {
		const length = lengths[i] as number;
		bytes.writeInt32BE(length, at);
		at += LENGTH_BYTES;
		if (value === null) continue;
		bytes.write(value, at, length, "utf8");
		at += length;
	}
	return bytes;
}

/** Where the bytes' digits stand in a UUID's text, and the dashes between them. */
const DIGITS_AT = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];
const DASHES_AT = [8, 13, 18, 23];
const UUID_LENGTH = 36;
const DASH = 45;
/** By character code; 256 is no hexadecimal digit. */
const NO_DIGIT = 256;
const DIGIT_OF = Uint16Array.from({ length: 128 }, (_, code) => {
	const digit = Number.parseInt(String.fromCharCode(code), 16);
	return Number.isNaN(digit) ? NO_DIGIT : digit;
});

/** @throws Error where it is no UUID: nobody may have written another parameter's value */
function writeUuid(bytes: Buffer, value: string, at: number): void {
	let all = value.length === UUID_LENGTH ? 0 : NO_DIGIT;
	for (const place of DASHES_AT) if (value.charCodeAt(place) !== DASH) all = NO_DIGIT;
	for (let i = 0; i < UUID_BYTES; i++) {
		const place = DIGITS_AT[i] as number;
		const high = DIGIT_OF[value.charCodeAt(place)] ?? NO_DIGIT;
		const low = DIGIT_OF[value.charCodeAt(place + 1)] ?? NO_DIGIT;
		all |= high | low;
		bytes[at + i] = (high << 4) | low;
	}
	if (all >= NO_DIGIT) throw new Error("That is no UUID.");
}
