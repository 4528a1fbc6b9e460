/**
 * The one way to a socket. What a turn of the event loop produces for a socket is gathered and goes out in one write
 * at its end, straight to the TCP socket. Where packets wait in engine.io, or the transport is no plain open
 * websocket (polling, upgrading, closing), the same frames take engine.io's way. The order stays that of telling,
 * also with what others write: engine.io says before it takes a packet, and what was gathered goes first.
 */
import type { Duplex } from "node:stream";
import type { Socket } from "socket.io";
import { BOUNDS } from "./bounds.ts";
import { type Frame, Gathered } from "./frames.ts";

/** What is used of engine.io's socket, of which little is in its types. */
interface Engine {
	readyState: string;
	upgrading: boolean;
	writeBuffer: unknown[];
	transport: {
		name: string;
		perMessageDeflate?: unknown;
		socket?: {
			readyState: number;
			terminate(): void;
			_socket: Duplex | null;
			_sender?: { _state: number; _queue: unknown[] };
		};
	};
	write(text: string, options: { compress: boolean; wsPreEncodedFrame: Buffer[] }): void;
	close(discard: boolean): void;
	on(event: "packetCreate" | "drain" | "close", listener: () => void): void;
}

export type FanOut = "turn" | "each";

/** `WebSocket.OPEN`, and the state of a sender that is neither compressing nor reading a blob. */
const OPEN = 1;
const PLAIN = 0;

interface Line {
	readonly engine: Engine;
	gathered: Gathered | null;
	/** Bytes that wait in engine.io. */
	waiting: number;
}

export class Writer {
	readonly #fanOut: FanOut;
	readonly #onSlow: (socket: Socket) => void;
	readonly #lines = new Map<Socket, Line>();
	#dirty: [Socket, Line][] = [];
	/** Where each socket's chain of this turn begins. */
	#start = new Gathered();

	/** @param onSlow is told of a client that was cut off since it does not read */
	constructor(fanOut: FanOut, onSlow: (socket: Socket) => void) {
		this.#fanOut = fanOut;
		this.#onSlow = onSlow;
	}

	/** Makes a socket known; what is sent to one that is not is dropped. */
	add(socket: Socket): void {
		const engine = socket.conn as unknown as Engine;
		const line: Line = { engine, gathered: null, waiting: 0 };
		this.#lines.set(socket, line);
		engine.on("packetCreate", () => this.#flush(socket, line));
		engine.on("drain", () => {
			line.waiting = 0;
		});
	}

	remove(socket: Socket): void {
		this.#lines.delete(socket);
	}

	send(socket: Socket, frame: Frame): void {
		const line = this.#lines.get(socket);
		if (!line) return;
		if (this.#fanOut === "each") this.#ordinary(socket, line, frame);
		else if (line.gathered) line.gathered = line.gathered.with(frame);
		else {
			line.gathered = this.#start.with(frame);
			if (this.#dirty.push([socket, line]) === 1) setImmediate(() => this.flush());
		}
	}

	/** What soon means nothing any more: dropped for a socket that is behind. */
	sendVolatile(socket: Socket, frame: Frame): void {
		const line = this.#lines.get(socket);
		if (line && line.waiting + tcpWaiting(line.engine) <= BOUNDS.volatileBytesMax) this.send(socket, frame);
	}

	/** Ends the turn. */
	flush(): void {
		const dirty = this.#dirty;
		this.#dirty = [];
		this.#start = new Gathered();
		for (const [socket, line] of dirty) this.#flush(socket, line);
	}

	#flush(socket: Socket, line: Line): void {
		const { gathered } = line;
		if (!gathered) return;
		line.gathered = null;
		const tcp = plainSocket(line.engine);
		if (!tcp) {
			for (const frame of gathered.frames) this.#ordinary(socket, line, frame);
		} else if (tcp.writableLength > BOUNDS.unreadBytesMax) this.#cut(socket, line);
		else {
			const [first, second] = gathered.pieces;
			if (!second) return void tcp.write(first);
			tcp.cork();
			tcp.write(first);
			tcp.write(second);
			tcp.uncork();
		}
	}

	#ordinary(socket: Socket, line: Line, frame: Frame): void {
		const { engine } = line;
		if (line.waiting + tcpWaiting(engine) > BOUNDS.unreadBytesMax) {
			this.#cut(socket, line);
			return;
		}
		engine.write(frame.text, { compress: false, wsPreEncodedFrame: [frame.bytes] });
		if (engine.writeBuffer.length > 0) line.waiting += frame.bytes.length;
	}

	/** No close handshake: it would wait behind what the client does not read, and that is what shall go. */
	#cut(socket: Socket, line: Line): void {
		const { engine } = line;
		this.#lines.delete(socket);
		line.gathered = null;
		this.#onSlow(socket);
		if (engine.transport.name === "websocket" && engine.transport.socket) engine.transport.socket.terminate();
		else engine.close(true);
	}
}

/** The TCP socket below, where writing to it directly comes after all that was written before. */
function plainSocket({ readyState, upgrading, writeBuffer, transport }: Engine): Duplex | null {
	if (readyState !== "open" || upgrading || writeBuffer.length > 0) return null;
	if (transport.name !== "websocket" || transport.perMessageDeflate) return null;
	const { socket: ws } = transport;
	if (ws?.readyState !== OPEN || ws._sender?._state !== PLAIN || ws._sender._queue.length > 0) return null;
	return ws._socket;
}

const tcpWaiting = ({ transport }: Engine): number => transport.socket?._socket?.writableLength ?? 0;
