/** CRC-32C (Castagnoli), the checksum of a Kafka record batch, eight bytes at a step. */

/** Its bits reversed. */
const POLYNOMIAL = 0x82f63b78;

/** `TABLE[256 * k + byte]`: what a byte does to the checksum, with k bytes behind it. */
const TABLE = new Int32Array(8 * 256);
for (let byte = 0; byte < 256; byte++) {
	let crc = byte;
	for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
	TABLE[byte] = crc;
}
for (let i = 256; i < TABLE.length; i++) {
	const before = at(i - 256);
	TABLE[i] = at(before & 255) ^ (before >>> 8);
}

function at(i: number): number {
	return TABLE[i] as number;
}

/** @returns an unsigned number */
export function crc32c(bytes: Uint8Array): number {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	let crc = -1;
	let i = 0;
	for (; i + 8 <= bytes.length; i += 8) {
		const low = crc ^ view.getInt32(i, true);
		const high = view.getInt32(i + 4, true);
		crc =
			at(1792 + (low & 255)) ^
			at(1536 + ((low >>> 8) & 255)) ^
			at(1280 + ((low >>> 16) & 255)) ^
			at(1024 + (low >>> 24)) ^
			at(768 + (high & 255)) ^
			at(512 + ((high >>> 8) & 255)) ^
			at(256 + ((high >>> 16) & 255)) ^
			at(high >>> 24);
	}
	for (; i < bytes.length; i++) crc = at((crc ^ view.getUint8(i)) & 255) ^ (crc >>> 8);
	return ~crc >>> 0;
}
