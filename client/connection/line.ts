import { io } from "socket.io-client";
import { errorFrom, type ParleyError, unavailable } from "../errors.ts";

export interface LineEvents {
	/** The server has let it in. */
	up(): void;
	/** It has not, or not in time. */
	failed(error: ParleyError): void;
	/** It was up, and is gone. */
	lost(error: ParleyError): void;
	heard(name: string, payload: unknown): void;
}

/** One socket: it comes up once or not at all, and once it is gone it stays so. */
export class Line {
	readonly #socket: ReturnType<typeof io>;
	readonly #asked = new Set<Promise<unknown>>();
	/** Ends it when it is not up in time. */
	readonly #late: ReturnType<typeof setTimeout>;
	#isOver = false;

	constructor(
		url: string,
		options: { token: string; limitMs: number; pollsFirst: boolean },
		events: LineEvents,
	) {
		const transports = ["websocket", "polling"];
		this.#socket = io(url, {
			transports: options.pollsFirst ? transports.reverse() : transports,
			tryAllTransports: true,
			reconnection: false,
			forceNew: true,
			timeout: options.limitMs,
			auth: { token: options.token },
		});
		let wasUp = false;
		const end = (error: ParleyError) => {
			if (this.#isOver) return;
			this.close();
			if (wasUp) events.lost(error);
			else events.failed(error);
		};
		this.#late = setTimeout(() => end(unavailable("The server did not answer in time.")), options.limitMs);
		this.#socket
			.on("connect", () => {
				clearTimeout(this.#late);
				wasUp = true;
				events.up();
			})
			.on("connect_error", (err: Error & { data?: unknown }) => {
				end(errorFrom(err.data && { message: err.message, ...err.data }, "The server cannot be reached."));
			})
			.on("disconnect", reason => {
				end(unavailable(`The connection ended: ${reason}.`));
			})
			.onAny((name: string, payload: unknown) => {
				if (!this.#isOver) events.heard(name, payload);
			});
	}

	/**
	 * Resolves with the acknowledgement, whatever it says.
	 * @throws ParleyError UNAVAILABLE where none came
	 */
	ask(event: string, params: unknown, limitMs: number): Promise<{ status?: unknown }> {
		if (!this.#socket.connected) return Promise.reject(unavailable("The connection is lost."));
		const asked = this.#socket
			.timeout(limitMs)
			.emitWithAck(event, params)
			.catch((err: Error) => {
				throw unavailable(`No answer to ${event}: ${err.message}.`);
			});
		this.#asked.add(asked);
		const forget = () => void this.#asked.delete(asked);
		asked.then(forget, forget);
		return asked;
	}

	/** Ends it once everything that was asked has its answer. */
	async retire(): Promise<void> {
		await Promise.allSettled(this.#asked);
		this.close();
	}

	/** Nothing is told of it any more. */
	close(): void {
		this.#isOver = true;
		clearTimeout(this.#late);
		this.#socket.disconnect();
	}
}
