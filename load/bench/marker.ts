/**
 * What a message of the benchmark says: its room, who of it sent it, its number among what they sent, and when; padded to
 * 128 bytes. Read where it lies, without parsing the JSON around it.
 */

export const CONTENT_BYTES = 128;

const ROOM = 4;
const SENDER = 3;
const NUMBER = 7;
const MICROS = 12;
const BEGIN = 0x7e; // ~, which nothing else in an event holds

export interface Marker {
	room: number;
	/** Place of the sender among their room's members. */
	sender: number;
	/** From 1 on. */
	number: number;
	/** On the benchmark's own clock. */
	micros: number;
}

export const now = (): number => Math.round(performance.now() * 1_000);

export function contentOf({ room, sender, number, micros }: Marker): string {
	const digits = (value: number, width: number) => String(value).padStart(width, "0");
	return `~${digits(room, ROOM)}${digits(sender, SENDER)}${digits(number, NUMBER)}${digits(micros, MICROS)}`.padEnd(
		CONTENT_BYTES,
		"x",
	);
}

/** Finds the marker of an event in `bytes`, and reads it into `into`. Answers whether there is one. */
export function readMarker(bytes: Buffer, start: number, end: number, into: Marker): boolean {
	const at = bytes.indexOf(BEGIN, start);
	if (at === -1 || at + ROOM + SENDER + NUMBER + MICROS >= end) return false;
	const sender = at + 1 + ROOM;
	const number = sender + SENDER;
	into.room = numberAt(bytes, at + 1, ROOM);
	into.sender = numberAt(bytes, sender, SENDER);
	into.number = numberAt(bytes, number, NUMBER);
	into.micros = numberAt(bytes, number + NUMBER, MICROS);
	return true;
}

function numberAt(bytes: Buffer, at: number, width: number): number {
	let value = 0;
	for (let i = at; i < at + width; i++) value = value * 10 + (bytes[i] as number) - 48;
	return value;
}
