/** A small typed client: what it emits is a promise, what it hears is recorded in order. */
import { io, type ManagerOptions, type Socket, type SocketOptions } from "socket.io-client";
import type { ServerEvent, ServerToClient } from "../../contracts/socket.ts";

const ANSWER_TIMEOUT_MS = 10_000;
/** A machine may stall for seconds, and nothing is wrong. */
const PATIENCE_MS = 15_000;

export interface Heard {
	name: string;
	// biome-ignore lint/suspicious/noExplicitAny: a test looks into payloads of every shape
	data: any;
	at: number;
}

// biome-ignore lint/suspicious/noExplicitAny: as above
export type Ack = { status: "ok" | "error"; code?: string; [field: string]: any };

type Data<E extends string> = E extends ServerEvent ? ServerToClient[E] : unknown;

export interface TestSocket {
	/** Socket.IO's own client, for what is not below. */
	readonly io: Socket;
	readonly id: string;
	/** Every event since the connection, or since `forget`, in order. */
	readonly events: Heard[];
	/** Emits with a callback. Without a payload none is sent. */
	emit(event: string, payload?: unknown): Promise<Ack>;
	/** The payloads of one event, in order. */
	of<E extends string>(name: E): Data<E>[];
	/** Calls back with every event, past ones too. */
	onEvery(listener: (name: string, payload: unknown) => void): void;
	/** The first event, past or to come, that fits. */
	waitFor<E extends string>(name: E, fits?: (data: Data<E>) => boolean, timeoutMs?: number): Promise<Data<E>>;
	/** Forgets what it has heard so far. */
	forget(): void;
	/** When the server has closed the connection: why. */
	readonly closed: Promise<string>;
	close(): void;
}

/**
 * Connects as whoever the token speaks for.
 * @throws Error whose `data.code` says why it was refused
 */
export function connect(
	url: string,
	token: string | undefined,
	options: Partial<ManagerOptions & SocketOptions> = {},
): Promise<TestSocket> {
	const socket = io(url, {
		transports: ["websocket"],
		reconnection: false,
		forceNew: true,
		auth: token === undefined ? {} : { token },
		...options,
	});
	const client = record(socket);
	return new Promise((resolve, reject) => {
		socket.once("connect", () => resolve(client));
		socket.once("connect_error", err => {
			socket.close();
			reject(err);
		});
		// The link broke between the websocket's handshake and the sign-in.
		socket.once("disconnect", reason => reject(new Error(`The connection ended: ${reason}.`)));
	});
}

function record(socket: Socket): TestSocket {
	const events: Heard[] = [];
	const listeners = new Set<(name: string, payload: unknown) => void>();
	socket.onAny((name: string, data: unknown) => {
		events.push({ name, data, at: Date.now() });
		for (const listener of listeners) listener(name, data);
	});
	const closed = new Promise<string>(resolve => socket.once("disconnect", resolve));
	return {
		io: socket,
		get id() {
			return socket.id ?? "";
		},
		events,
		closed,
		emit: (event, payload) => {
			const sent = socket.timeout(ANSWER_TIMEOUT_MS);
			return payload === undefined ? sent.emitWithAck(event) : sent.emitWithAck(event, payload);
		},
		of: name => events.filter(event => event.name === name).map(({ data }) => data),
		onEvery(listener) {
			for (const { name, data } of events) listener(name, data);
			listeners.add(listener);
		},
		waitFor(name, fits = () => true, timeoutMs = PATIENCE_MS) {
			const past = events.find(event => event.name === name && fits(event.data));
			if (past) return Promise.resolve(past.data);
			return new Promise((resolve, reject) => {
				const timer = setTimeout(() => {
					listeners.delete(look);
					const names = events.map(event => event.name).join(", ");
					reject(new Error(`No ${name} came that fits; what came: ${names || "nothing"}.`));
				}, timeoutMs);
				// biome-ignore lint/suspicious/noExplicitAny: as above
				const look = (heard: string, data: any) => {
					if (heard !== name || !fits(data)) return;
					clearTimeout(timer);
					listeners.delete(look);
					resolve(data);
				};
				listeners.add(look);
			});
		},
		forget() {
			events.length = 0;
		},
		close: () => void socket.close(),
	};
}
