import type { Socket } from "node:net";

/** What a direction of a connection goes through. Zero means: none of that. */
export interface Weather {
	/** Nothing moves, nothing is lost. */
	hold: boolean;
	delayMsMin: number;
	delayMsMax: number;
	bytesPerSecond: number;
}

const HELD_BYTES_MAX = 64 * 1024;
const RATE_STEP_MS = 20;

type End = "end" | "reset";

interface Piece {
	what: Buffer | End;
	dueAt: number;
}

/** One direction of a connection: everything from `source` goes to `sink`, in order, as the weather permits. */
export class Pipe {
	/** Whether bytes were withheld from the sink, so that the stream has a hole. */
	hasLost = false;

	readonly #source: Socket;
	readonly #sink: Socket;
	/** Gives the part of the piece that may go to the sink. */
	readonly #filter: (piece: Buffer) => Buffer;
	#weather: Weather;
	#queue: Piece[] = [];
	#heldBytes = 0;
	#lastDueAt = 0;
	#timer: NodeJS.Timeout | undefined;
	#stopped = false;

	constructor(source: Socket, sink: Socket, weather: Weather, filter: (piece: Buffer) => Buffer) {
		this.#source = source;
		this.#sink = sink;
		this.#weather = weather;
		this.#filter = filter;
		source.on("data", chunk => this.#take(chunk));
		source.on("end", () => this.#take("end"));
		source.on("error", () => this.#take("reset"));
		sink.on("drain", () => this.#pump());
	}

	change(weather: Weather): void {
		this.#weather = weather;
		if (weather.delayMsMax === 0) for (const piece of this.#queue) piece.dueAt = 0;
		this.#pump();
	}

	stop(): void {
		this.#stopped = true;
		clearTimeout(this.#timer);
	}

	#take(what: Buffer | End) {
		const { delayMsMin, delayMsMax } = this.#weather;
		const late = delayMsMin + Math.random() * (delayMsMax - delayMsMin);
		// A late piece holds up those behind it, as on a TCP connection.
		this.#lastDueAt = Math.max(this.#lastDueAt, performance.now() + late);
		this.#queue.push({ what, dueAt: delayMsMax === 0 ? 0 : this.#lastDueAt });
		if (typeof what !== "string") this.#heldBytes += what.length;
		if (this.#heldBytes > HELD_BYTES_MAX) this.#source.pause();
		this.#pump();
	}

	#pump() {
		if (this.#timer) return; // it pumps when it is time
		while (!this.#stopped && !this.#weather.hold && !this.#sink.writableNeedDrain) {
			const piece = this.#queue[0];
			if (!piece) break;
			const waitMs = piece.dueAt - performance.now();
			if (waitMs > 0) return this.#pumpIn(waitMs);
			if (typeof piece.what === "string") {
				this.#queue.shift();
				this.#finish(piece.what);
				continue;
			}
			const part = this.#nextPart(piece.what);
			this.#write(part);
			if (part.length === piece.what.length) this.#queue.shift();
			else piece.what = piece.what.subarray(part.length);
			if (this.#weather.bytesPerSecond > 0) {
				return this.#pumpIn((part.length / this.#weather.bytesPerSecond) * 1000);
			}
		}
	}

	#nextPart(chunk: Buffer): Buffer {
		const { bytesPerSecond } = this.#weather;
		if (bytesPerSecond === 0) return chunk;
		return chunk.subarray(0, Math.max(1, Math.floor((bytesPerSecond * RATE_STEP_MS) / 1000)));
	}

	#write(part: Buffer) {
		this.#heldBytes -= part.length;
		if (this.#heldBytes <= HELD_BYTES_MAX) this.#source.resume();
		const allowed = this.#filter(part);
		if (allowed.length < part.length) this.hasLost = true;
		if (allowed.length > 0 && this.#sink.writable) this.#sink.write(allowed);
	}

	#finish(how: End) {
		if (how === "end") this.#sink.end();
		else this.#sink.resetAndDestroy();
	}

	#pumpIn(ms: number) {
		this.#timer = setTimeout(() => {
			this.#timer = undefined;
			this.#pump();
		}, ms);
	}
}
