import type { Result } from "../../contracts/contract.ts";
import type { heartbeat } from "../../contracts/gateway.ts";
import type { ServerToClient } from "../../contracts/socket.ts";
import type { ConnectionState, Platform, Times } from "../api.ts";
import { type ParleyError, parleyError } from "../errors.ts";
import type { Link } from "../parts.ts";
import { Listeners, Store } from "../readable.ts";
import type { RestCall, SocketCall } from "../wire.ts";
import { restCall, socketCall } from "./calls.ts";
import {
	type Effect,
	IDLE,
	type Input,
	nextTick,
	refusesToken,
	type State,
	shown,
	step,
} from "./connection.rules.ts";
import { Line } from "./line.ts";
import { Once } from "./once.ts";
import { type Token, TokenSource } from "./token.ts";

export interface ConnectionOptions {
	url: string;
	token: Token;
	times: Times;
	platform: Pick<Platform, "network" | "isIdle">;
}

type AnyListeners = Listeners<[payload: unknown]>;
type Timer = ReturnType<typeof setTimeout> | undefined;

const RENEWALS_MAX = 10;
/** Heartbeats that follow one another; what moves faster than they tell comes with the next. */
const HEADS_PAGES_MAX = 20;

/** Drives sockets as the rules say: at most one current one, and one under way. */
export class Connection implements Omit<Link, "ask"> {
	readonly state = new Store<ConnectionState>({ status: "idle", retryAt: null, error: null });
	readonly call: SocketCall;
	readonly rest: RestCall;
	readonly #options: ConnectionOptions;
	readonly #tokens: TokenSource;
	readonly #events = new Map<string, AnyListeners>();
	readonly #sockets = new Listeners<[]>();
	readonly #heads = new Listeners<[heads: Record<string, number>]>();
	readonly #once = new Once();
	#machine: State = IDLE;
	#current: Line | null = null;
	/** Stands for the try under way, also before it has a socket. */
	#attempt: { line: Line | null } | null = null;
	/** The last token that the server did not take. */
	#refused: string | undefined;
	#token = "";
	#tick: Timer;
	#beat: Timer;
	#watch: Timer;
	#lookedAt = 0;
	#endNetwork: (() => void) | undefined;

	constructor(options: ConnectionOptions) {
		const { url, token, times } = options;
		this.#options = options;
		this.#tokens = new TokenSource(token, times.ackMs);
		this.call = socketCall(() => this.#current, times.ackMs);
		this.rest = restCall({ url, tokens: this.#tokens, limitMs: times.ackMs });
	}

	/** While it is wanted already: tries at once. */
	connect(): void {
		this.#lookForSleep();
		this.#endNetwork ??= this.#options.platform.network?.(on =>
			this.#take(on && this.#machine.network ? { is: "wake" } : { is: "network", on }),
		);
		this.#take({ is: "connect" });
	}

	disconnect(): void {
		this.#take({ is: "disconnect" });
	}

	on<E extends keyof ServerToClient>(event: E, listener: (payload: ServerToClient[E]) => void): () => void {
		const listeners: AnyListeners = this.#events.get(event) ?? new Listeners();
		this.#events.set(event, listeners);
		return listeners.add(listener as (payload: unknown) => void);
	}

	onSocket(listener: () => void): () => void {
		return this.#sockets.add(listener);
	}

	onHeads(listener: (heads: Record<string, number>) => void): () => void {
		return this.#heads.add(listener);
	}

	#take(input: Input): void {
		const { times } = this.#options;
		const { state, effects } = step(this.#machine, input, { now: Date.now(), chance: Math.random(), times });
		this.#machine = state;
		for (const effect of effects) this.#do(effect);
		this.#show();
		if (state.phase === "idle" || state.phase === "signed-out") this.#sleep();
	}

	#sleep(): void {
		clearTimeout(this.#watch);
		this.#endNetwork?.();
		this.#endNetwork = undefined;
	}

	#show(): void {
		const { times } = this.#options;
		const now = Date.now();
		const next = nextTick(this.#machine, now, times);
		clearTimeout(this.#tick);
		if (next !== null) this.#tick = setTimeout(() => this.#take({ is: "tick" }), Math.max(0, next - now));
		this.state.set(shown(this.#machine, now, times));
	}

	#do(effect: Effect): void {
		if (effect === "check") return void this.#ping(this.#options.times.graceMs);
		this.#attempt?.line?.close();
		this.#attempt = null;
		if (effect === "open") return void this.#open();
		clearTimeout(this.#beat);
		this.#current?.close();
		this.#current = null;
	}

	async #open(): Promise<void> {
		const { url, times } = this.#options;
		const attempt: { line: Line | null } = { line: null };
		this.#attempt = attempt;
		const failed = (error: ParleyError, final = false) => {
			if (this.#attempt !== attempt) return;
			this.#attempt = null;
			this.#take({ is: "failed", error, final });
		};
		let token: string;
		try {
			token = await this.#tokens.fresh(this.#refused);
		} catch (err) {
			return failed(parleyError(err), true);
		}
		if (this.#attempt !== attempt) return;
		// Some proxies take a websocket and let it starve.
		const pollsFirst = this.#machine.failures % 3 === 2;
		const line = new Line(
			url,
			{ token, limitMs: times.ackMs, pollsFirst },
			{
				up: () => this.#up(line, token),
				failed: error => {
					if (refusesToken(error)) this.#refused = token;
					failed(error, this.#tokens.isFixed);
				},
				lost: error => {
					if (this.#current === line) this.#lost(error);
				},
				heard: (name, payload) => this.#hear(line, name, payload),
			},
		);
		attempt.line = line;
	}

	#up(line: Line, token: string): void {
		const before = this.#current;
		this.#current = line;
		this.#attempt = null;
		this.#refused = undefined;
		this.#token = token;
		this.#take({ is: "up" });
		this.#beatLater(line);
		// The server takes a new connection for a device in use.
		if (this.#options.platform.isIdle?.()) void this.#ping();
		this.#sockets.call();
		void before?.retire();
	}

	#lost(error: ParleyError): void {
		this.#current = null;
		clearTimeout(this.#beat);
		this.#take({ is: "lost", error });
	}

	#hear(line: Line, name: string, payload: unknown): void {
		if (line === this.#current) {
			if (name === "server:draining")
				this.#take({ is: "draining", inMs: (payload as ServerToClient["server:draining"]).reconnectIn });
			if (name === "auth:expiring") void this.#renew(line);
		}
		if (this.#once.isNew(name, payload)) this.#events.get(name)?.call(payload);
	}

	/**
	 * A heartbeat; a line that does not answer it is dead. Where more chats have changed than one answer tells, the next
	 * follows at once.
	 */
	async #ping(limitMs = this.#options.times.ackMs, pagesLeft = HEADS_PAGES_MAX): Promise<void> {
		const line = this.#current;
		if (!line) return;
		try {
			const idle = this.#options.platform.isIdle?.();
			const params = idle === undefined ? {} : { idle };
			const answer = (await line.ask("heartbeat", params, limitMs)) as Partial<Result<typeof heartbeat>>;
			if (line !== this.#current) return;
			if (answer.heads) this.#heads.call(answer.heads);
			if (answer.hasMore && pagesLeft > 1) await this.#ping(limitMs, pagesLeft - 1);
		} catch (err) {
			if (line !== this.#current) return;
			line.close();
			this.#lost(parleyError(err));
		}
	}

	#beatLater(line: Line): void {
		clearTimeout(this.#beat);
		this.#beat = setTimeout(async () => {
			await this.#ping();
			if (line === this.#current) this.#beatLater(line);
		}, this.#options.times.heartbeatMs);
	}

	/** A timer that comes much too late: the device has slept. */
	#lookForSleep(): void {
		clearTimeout(this.#watch);
		const { graceMs } = this.#options.times;
		this.#lookedAt = Date.now();
		this.#watch = setTimeout(() => {
			if (Date.now() - this.#lookedAt > 2 * graceMs) this.#take({ is: "wake" });
			this.#lookForSleep();
		}, graceMs);
	}

	/** In the token's last minute. Where that fails, the server ends the connection and the next one asks again. */
	async #renew(line: Line, triesLeft = RENEWALS_MAX): Promise<void> {
		const { times } = this.#options;
		try {
			const token = await this.#tokens.fresh();
			if (line !== this.#current) return;
			if (token !== this.#token) {
				await this.call("auth:refresh", { token });
				this.#token = token;
				return;
			}
		} catch {
			// Tried again below.
		}
		if (triesLeft > 1)
			setTimeout(() => {
				if (line === this.#current) void this.#renew(line, triesLeft - 1);
			}, times.graceMs);
	}
}
