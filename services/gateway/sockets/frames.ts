/** What goes over the wire, made once for all who get it: a Socket.IO packet, and the websocket frame around it. */
import type { ServerEvent, ServerToClient } from "../../../contracts/socket.ts";
import { textOf, textWith } from "../../../lib/json-text.ts";

/** engine.io's packet type `message`. */
const MESSAGE = "4";
/** Socket.IO's packet types. */
const EVENT = "2";
const ACK = "3";

/** First byte of a websocket frame: final, text. Servers do not mask, and compressing would be done for each socket again. */
const FINAL_TEXT = 0x81;
/** Second byte: the length, or that it follows in two or in eight bytes. */
const LENGTH_MAX = 125;
const LENGTH_IN_2 = 126;
const LENGTH_IN_2_MAX = 0xffff;
const LENGTH_IN_8 = 127;

export class Frame {
	/** The Socket.IO packet, as engine.io takes it. */
	readonly text: string;
	#bytes: Buffer | null = null;

	constructor(text: string) {
		this.text = text;
	}

	/** The whole websocket frame. */
	get bytes(): Buffer {
		this.#bytes ??= framed(MESSAGE + this.text);
		return this.#bytes;
	}
}

/** A text in its websocket frame (RFC 6455, 5.2). */
function framed(text: string): Buffer {
	const length = Buffer.byteLength(text);
	const header = length <= LENGTH_MAX ? 2 : length <= LENGTH_IN_2_MAX ? 4 : 10;
	const bytes = Buffer.allocUnsafe(header + length);
	bytes[0] = FINAL_TEXT;
	if (header === 2) bytes[1] = length;
	else if (header === 4) {
		bytes[1] = LENGTH_IN_2;
		bytes.writeUInt16BE(length, 2);
	} else {
		bytes[1] = LENGTH_IN_8;
		bytes.writeBigUInt64BE(BigInt(length), 2);
	}
	bytes.write(text, header, length, "utf8");
	return bytes;
}

/** Namespace `/` has no name in a packet, and what we tell holds no binary. */
export function eventFrame<E extends ServerEvent>(name: E, data: ServerToClient[E]): Frame {
	return new Frame(`${EVENT}["${name}",${textOf(data)}]`);
}

export function ackFrame(id: number, answer: object): Frame {
	return new Frame(`${ACK}${id}[${textWith(answer)}]`);
}

/** Fewer bytes are joined with what is before them: they come from Node's pool, and a second piece costs as much. */
const PIECE_MIN = 4_096;

type Pieces = [Buffer] | [Buffer, Buffer];

/**
 * What one turn of the event loop produced for a socket, in order. Sockets that were told the same share the same
 * chain, and so its joined bytes: a room's frames are joined once and not for each member. Where they part,
 * for each hears its own acknowledgements, what came before is still joined once.
 */
export class Gathered {
	readonly #before: Gathered | null;
	readonly frame: Frame | null;
	/** The last one that went on from here; members of a room come one after another, so it nearly always fits. */
	#next: Gathered | null = null;
	/** Sockets go on from here in different ways. */
	#isFork = false;
	#bytes: Buffer | null = null;
	#pieces: Pieces | null = null;

	constructor(before: Gathered | null = null, frame: Frame | null = null) {
		this.#before = before;
		this.frame = frame;
	}

	with(frame: Frame): Gathered {
		if (this.#next?.frame === frame) return this.#next;
		this.#isFork = this.#next !== null;
		this.#next = new Gathered(this, frame);
		return this.#next;
	}

	get frames(): Frame[] {
		const frames: Frame[] = [];
		for (let at: Gathered | null = this; at?.frame; at = at.#before) frames.push(at.frame);
		return frames.reverse();
	}

	/** All of it; asked for again, the same bytes. */
	get bytes(): Buffer {
		this.#bytes ??= joined(this.frames);
		return this.#bytes;
	}

	/** All of it in one piece or, where a long beginning is others' as well, in two: nothing long is joined for one alone. */
	get pieces(): Pieces {
		this.#pieces ??= this.#cut();
		return this.#pieces;
	}

	#cut(): Pieces {
		const own: Frame[] = [];
		let at: Gathered | null = this;
		for (; at?.frame && !(at.#isFork && at !== this); at = at.#before) own.push(at.frame);
		if (!at?.frame || at.bytes.length < PIECE_MIN) return [this.bytes];
		return [at.bytes, joined(own.reverse())];
	}
}

function joined(frames: readonly Frame[]): Buffer {
	const [only] = frames;
	return frames.length === 1 && only ? only.bytes : Buffer.concat(frames.map(({ bytes }) => bytes));
}
