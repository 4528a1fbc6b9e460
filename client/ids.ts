const COUNTER_MAX = 0xfff;

let lastMs = 0;
let counter = 0;

/** A UUIDv7. Those of one process are in order, also within a millisecond and when the clock goes back. */
export function newId(): string {
	const bytes = random(10);
	const now = Date.now();
	if (now > lastMs) {
		lastMs = now;
		// The upper half of the counter stays free for the rest of the millisecond.
		counter = (at(bytes, 0) << 3) | (at(bytes, 1) & 7);
	} else if (++counter > COUNTER_MAX) {
		lastMs++;
		counter = 0;
	}
	const time = hex(lastMs, 12);
	const variant = hex((at(bytes, 2) & 0x3f) | 0x80, 2) + hex(at(bytes, 3), 2);
	const rest = [...bytes.subarray(4)].map(byte => hex(byte, 2)).join("");
	return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(counter, 3)}-${variant}-${rest}`;
}

const at = (bytes: Uint8Array, index: number): number => bytes[index] ?? 0;
const hex = (value: number, length: number): string => value.toString(16).padStart(length, "0");

/** Some React Natives have no `crypto`. An id must be unique there, and nothing rests on its being secret. */
function random(length: number): Uint8Array {
	const bytes = new Uint8Array(length);
	if (typeof crypto === "undefined") return bytes.map(() => Math.random() * 256);
	return crypto.getRandomValues(bytes);
}
