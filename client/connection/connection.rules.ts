/**
 * What a connection does next. Pure: neither clock nor chance of its own.
 *
 * A connection that is wanted is in one of three phases. `trying`: a token is asked for and a socket opened with it, one
 * at a time, `ackMs` at most. `waiting`: a try has failed or the connection was lost, and the next try begins at
 * `retryAt`. `online`: there is a current socket. Nothing is wanted in `idle` and `signed-out`.
 *
 * Waits. After n failures in a row the wait is anything between 0 and `retryMinMs · 2ⁿ`, at most `retryMaxMs`, so that
 * clients which lost the same node do not come back at the same moment. A server that names a time (`retryAfter`) is
 * not asked before it. A connection that lasted less than `retryMaxMs` counts as a failure. Without a network the waits
 * are those of the longest back-off: the device may be wrong about it, as one that talks to itself is. `connect()`,
 * waking up and a network that comes back end a wait.
 *
 * Refused tokens. After TOKEN_EXPIRED or UNAUTHENTICATED a fresh token is asked for and tried at once. If that is
 * UNAUTHENTICATED too, or there is no fresh one, the user is signed out; one that has expired as well waits.
 *
 * Draining. After `reconnectIn` a second socket is opened; the first one stays current until the second is let in. When
 * the first one goes earlier, the second is an ordinary try.
 *
 * What is shown follows from the phase and from two moments: `since`, when the connection was lost, and `silentSince`,
 * when the server was last heard of or the network came back. A refusal is an answer: who is told RATE_LIMITED is
 * `reconnecting`, never `unreachable`.
 */
import type { ConnectionState, ConnectionStatus, ParleyErrorShape, Times } from "../api.ts";

export interface State {
	readonly phase: "idle" | "signed-out" | "trying" | "waiting" | "online";
	/** As the device says. */
	readonly network: boolean;
	/** Whether it was online since `connect()`. */
	readonly wasOnline: boolean;
	/** When it was wanted, lost, or let in. */
	readonly since: number;
	readonly silentSince: number;
	/** In a row. */
	readonly failures: number;
	/** When the next try begins; 0 where none is due. */
	readonly retryAt: number;
	/** The server wants no try before. */
	readonly notBefore: number;
	/** The token of the running try was asked for because the one before was refused. */
	readonly renewed: boolean;
	/** When the second socket is opened; 0 where none is due. */
	readonly moveAt: number;
	/** A second socket is under way. */
	readonly moving: boolean;
	readonly error: ParleyErrorShape | null;
}

export type Input =
	| { is: "connect" | "disconnect" | "wake" | "tick" }
	/** The socket under way was let in. */
	| { is: "up" }
	/** It was not, or there was no token for it. `final`: no other token is to be had. */
	| { is: "failed"; error: ParleyErrorShape; final?: boolean }
	/** The current socket is gone. */
	| { is: "lost"; error: ParleyErrorShape }
	| { is: "draining"; inMs: number }
	| { is: "network"; on: boolean };

/** `open` a socket, in place of one that is under way; `drop` all sockets; `check` whether the current one lives. */
export type Effect = "open" | "drop" | "check";

export interface Step {
	state: State;
	effects: readonly Effect[];
}

export interface Ground {
	now: number;
	/** From 0 to 1. */
	chance: number;
	times: Times;
}

export const IDLE: State = {
	phase: "idle",
	network: true,
	wasOnline: false,
	since: 0,
	silentSince: 0,
	failures: 0,
	retryAt: 0,
	notBefore: 0,
	renewed: false,
	moveAt: 0,
	moving: false,
	error: null,
};

const stay = (state: State, ...effects: Effect[]): Step => ({ state, effects });
const isWanted = ({ phase }: State): boolean => phase !== "idle" && phase !== "signed-out";
export const refusesToken = ({ code }: ParleyErrorShape): boolean =>
	code === "UNAUTHENTICATED" || code === "TOKEN_EXPIRED";

export function step(state: State, input: Input, ground: Ground): Step {
	const { now } = ground;
	const { network } = state;
	switch (input.is) {
		case "connect":
			if (isWanted(state)) return hurry(state, now);
			return stay({ ...IDLE, network, phase: "trying", since: now, silentSince: now }, "open");
		case "disconnect":
			return stay({ ...IDLE, network }, "drop");
		case "up":
			return stay({
				...IDLE,
				network,
				phase: "online",
				wasOnline: true,
				since: now,
				failures: state.failures,
			});
		case "failed":
			return failed(state, input, ground);
		case "lost":
			return state.phase === "online" ? lost(state, input.error, ground) : stay(state);
		case "draining":
			return stay(state.phase === "online" ? { ...state, moveAt: now + input.inMs } : state);
		case "network":
			return networked(state, input.on, now);
		case "wake":
			return woken(state, now);
		case "tick":
			return ticked(state, now);
	}
}

const woken = (state: State, now: number): Step =>
	state.phase === "online" ? stay(state, "check") : hurry(state, now);

/** Tries at once, unless it does so already or the server forbids it. */
function hurry(state: State, now: number): Step {
	if (state.phase !== "waiting") return stay(state);
	if (state.notBefore > now) return stay({ ...state, retryAt: state.notBefore });
	return stay({ ...state, phase: "trying", retryAt: 0 }, "open");
}

function failed(state: State, { error, final }: Input & { is: "failed" }, ground: Ground): Step {
	if (state.phase === "online") {
		const moveAt = ground.now + backOff(state, error, ground);
		return stay(state.moving ? { ...state, moving: false, moveAt, failures: state.failures + 1 } : state);
	}
	if (state.phase !== "trying") return stay(state);
	if (!refusesToken(error)) return stay(wait(state, error, ground));
	if (final || (state.renewed && error.code === "UNAUTHENTICATED"))
		return stay({ ...IDLE, network: state.network, phase: "signed-out", error }, "drop");
	if (state.renewed) return stay(wait(state, error, ground));
	return stay({ ...state, renewed: true, silentSince: ground.now, error }, "open");
}

function lost(state: State, error: ParleyErrorShape, ground: Ground): Step {
	const { now, times } = ground;
	const failures = now - state.since < times.retryMaxMs ? state.failures : 0;
	const broken: State = { ...state, since: now, silentSince: now, failures, moveAt: 0, moving: false, error };
	return stay(state.moving ? { ...broken, phase: "trying" } : wait(broken, error, ground));
}

function wait(state: State, error: ParleyErrorShape, ground: Ground): State {
	const { now } = ground;
	const isAnswer = error.code !== "UNAVAILABLE" || error.retryAfter !== null;
	return {
		...state,
		phase: "waiting",
		silentSince: isAnswer ? now : state.silentSince,
		failures: state.failures + 1,
		retryAt: now + backOff(state, error, ground),
		notBefore: now + (error.retryAfter ?? 0) * 1_000,
		renewed: state.renewed && refusesToken(error),
		error,
	};
}

function backOff({ failures, network }: State, error: ParleyErrorShape, { chance, times }: Ground): number {
	const most = network ? Math.min(times.retryMaxMs, times.retryMinMs * 2 ** failures) : times.retryMaxMs;
	return (error.retryAfter ?? 0) * 1_000 + chance * most;
}

function networked(state: State, network: boolean, now: number): Step {
	if (network === state.network) return stay(state);
	const changed: State = { ...state, network, silentSince: now };
	// What was begun without a network comes to nothing.
	if (network && state.phase === "trying") return stay(changed, "open");
	if (network) return woken(changed, now);
	if (state.phase !== "online") return stay(changed);
	const { failures } = state;
	return stay(
		{ ...IDLE, network, phase: "trying", wasOnline: true, since: now, silentSince: now, failures },
		"drop",
		"open",
	);
}

function ticked(state: State, now: number): Step {
	if (state.phase === "waiting" && state.retryAt <= now)
		return stay({ ...state, phase: "trying", retryAt: 0 }, "open");
	if (state.phase === "online" && state.moveAt > 0 && state.moveAt <= now)
		return stay({ ...state, moveAt: 0, moving: true }, "open");
	return stay(state);
}

/** What an application is shown. */
export function shown(state: State, now: number, times: Times): ConnectionState {
	return { status: statusOf(state, now, times), retryAt: state.retryAt || null, error: state.error };
}

function statusOf(state: State, now: number, times: Times): ConnectionStatus {
	const { phase, network, wasOnline, since, silentSince } = state;
	if (phase !== "trying" && phase !== "waiting") return phase;
	if (!network) return "offline";
	if (now - silentSince >= times.unreachableMs) return "unreachable";
	if (!wasOnline) return "connecting";
	return now - since < times.graceMs ? "resuming" : "reconnecting";
}

/** When a `tick` is due next; null where nothing changes by itself. */
export function nextTick(state: State, now: number, times: Times): number | null {
	const { phase, since, silentSince, retryAt, moveAt } = state;
	const isBroken = phase === "trying" || phase === "waiting";
	const shows = isBroken ? [since + times.graceMs, silentSince + times.unreachableMs] : [];
	// What is due is due even if its moment has passed; what is only shown has been shown then.
	const due = [retryAt, moveAt].filter(at => at > 0);
	const next = Math.min(...due, ...shows.filter(at => at > now));
	return next === Number.POSITIVE_INFINITY ? null : next;
}
