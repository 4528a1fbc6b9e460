import { expect, test } from "@jest/globals";
import type { ConnectionStatus } from "../../client/api.ts";
import {
	type Ground,
	IDLE,
	type Input,
	nextTick,
	type State,
	shown,
	step,
} from "../../client/connection/connection.rules.ts";
import { TRANSITIONS, type Transition } from "../../client/connection/transitions.ts";
import { ParleyError } from "../../client/errors.ts";
import type { ErrorCode } from "../../contracts/errors.ts";

const times = {
	graceMs: 5_000,
	unreachableMs: 15_000,
	retryMinMs: 500,
	retryMaxMs: 20_000,
	heartbeatMs: 20_000,
	ackMs: 10_000,
};
const NOW = 1_000_000;
const at = (now: number, chance = 0.5): Ground => ({ now, chance, times });
const failed = (code: ErrorCode, final = false, retryAfter?: number): Input => ({
	is: "failed",
	error: new ParleyError(code, "refused", { retryAfter }),
	final,
});
const lost: Input = { is: "lost", error: new ParleyError("UNAVAILABLE") };

/** Goes through inputs, each so many ms after the one before. */
function after(state: State, ...inputs: [ms: number, input: Input][]): { state: State; now: number } {
	let now = NOW;
	for (const [ms, input] of inputs) {
		now += ms;
		state = step(state, input, at(now)).state;
	}
	return { state, now };
}

const tick: Input = { is: "tick" };
const wasOnline: [number, Input][] = [
	[0, { is: "connect" }],
	[0, { is: "up" }],
	[60_000, lost],
];

const WAYS: Record<ConnectionStatus, { state: State; now: number }> = {
	idle: { state: IDLE, now: NOW },
	connecting: after(IDLE, [0, { is: "connect" }]),
	online: after(IDLE, [0, { is: "connect" }], [0, { is: "up" }]),
	resuming: after(IDLE, ...wasOnline),
	reconnecting: after(IDLE, ...wasOnline, [5_000, tick], [100, failed("UNAVAILABLE")]),
	unreachable: after(IDLE, ...wasOnline, [5_000, tick], [10_000, tick]),
	offline: after(IDLE, ...wasOnline, [6_000, { is: "network", on: false }]),
	"signed-out": after(IDLE, [0, { is: "connect" }], [0, failed("UNAUTHENTICATED", true)]),
};

/** What a row's words mean; `ms` pass before. */
const EVENTS: Record<(typeof TRANSITIONS)[number]["on"], { ms?: number; inputs: Input[] }> = {
	"connect()": { inputs: [{ is: "connect" }] },
	"connect() without a network": { inputs: [{ is: "network", on: false }, { is: "connect" }] },
	"disconnect()": { inputs: [{ is: "disconnect" }] },
	connected: { inputs: [{ is: "up" }] },
	"connection lost": { inputs: [lost] },
	"no answer": { inputs: [failed("UNAVAILABLE")] },
	"no network": { inputs: [{ is: "network", on: false }] },
	"network is back": { inputs: [{ is: "network", on: true }] },
	"token refused": { inputs: [failed("TOKEN_EXPIRED")] },
	"fresh token refused": { inputs: [failed("TOKEN_EXPIRED"), failed("UNAUTHENTICATED")] },
	"fresh token has expired": { inputs: [failed("TOKEN_EXPIRED"), failed("TOKEN_EXPIRED")] },
	"the only token refused": { inputs: [failed("TOKEN_EXPIRED", true)] },
	"device woke up": { inputs: [{ is: "wake" }] },
	"server:draining": { inputs: [{ is: "draining", inMs: 500 }] },
	"reconnectIn passed": { inputs: [{ is: "draining", inMs: 0 }, tick] },
	"wait passed": { ms: 500, inputs: [tick] },
	"5 s passed": { ms: 5_000, inputs: [tick] },
	"15 s without an answer": { ms: 15_000, inputs: [tick] },
	RATE_LIMITED: { inputs: [failed("RATE_LIMITED", false, 3)] },
	SERVER_FULL: { inputs: [failed("SERVER_FULL", false, 3)] },
};

/** Refusals and long times need a try that is under way. */
function underWay({ state, now }: { state: State; now: number }, ms: number, [first]: Input[]): State {
	const needsTry = (first?.is === "failed" || ms >= 5_000) && state.phase === "waiting";
	return needsTry ? step(state, { is: "tick" }, at(state.retryAt || now)).state : state;
}

test.each(TRANSITIONS.map((row: Transition) => [`${row.from}, ${row.on} → ${row.to}`, row] as const))(
	"%s",
	(_, row) => {
		const way = WAYS[row.from];
		const { ms = 0, inputs } = EVENTS[row.on as keyof typeof EVENTS];
		const now = way.now + ms;
		let state = underWay(way, ms, inputs);
		expect(shown(state, way.now, times).status).toBe(row.from);
		let effects: readonly string[] = [];
		for (const input of inputs) ({ state, effects } = step(state, input, at(now)));
		expect(shown(state, now, times).status).toBe(row.to);
		expect(effects).toEqual(row.does ?? []);
	},
);

test("every status is reached and left by some row", () => {
	const all = Object.keys(WAYS).sort();
	expect([...new Set(TRANSITIONS.map(({ from }) => from))].sort()).toEqual(all);
	expect([...new Set(TRANSITIONS.map(({ to }) => to as string).concat("resuming"))].sort()).toEqual(all);
});

test("waits double up to the longest, and each is anything between nothing and that", () => {
	for (const chance of [0, 0.25, 1]) {
		let { state } = WAYS.connecting;
		for (const most of [500, 1_000, 2_000, 4_000, 8_000, 16_000, 20_000, 20_000]) {
			state = step(state, failed("UNAVAILABLE"), at(NOW, chance)).state;
			expect(state.retryAt - NOW).toBe(chance * most);
			state = step(state, tick, at(state.retryAt)).state;
			expect(state.phase).toBe("trying");
		}
	}
});

test("a server that names a time is not asked before it, whatever happens", () => {
	const refused = step(WAYS.connecting.state, failed("RATE_LIMITED", false, 7), at(NOW)).state;
	expect(refused.retryAt).toBe(NOW + 7_000 + 250);
	for (const input of [{ is: "wake" }, { is: "connect" }] as const) {
		const hurried = step(refused, input, at(NOW + 1_000));
		expect(hurried).toMatchObject({ effects: [], state: { phase: "waiting", retryAt: NOW + 7_000 } });
	}
});

test("a connection that is lost at once, again and again, is not opened without waits", () => {
	let { state } = WAYS.connecting;
	for (let n = 0; n < 10; n++) {
		state = step(state, { is: "up" }, at(NOW)).state;
		state = step(state, lost, at(NOW + 100, 1)).state;
		state = step(state, tick, at(state.retryAt)).state;
	}
	state = step(state, failed("UNAVAILABLE"), at(NOW, 1)).state;
	expect(state.retryAt).toBe(NOW + 20_000);
});

test("while a second socket is under way the first one stays, and when it goes the second is the try", () => {
	const moving = after(WAYS.online.state, [0, { is: "draining", inMs: 0 }], [0, tick]).state;
	expect(shown(moving, NOW, times).status).toBe("online");
	const missed = step(moving, failed("UNAVAILABLE"), at(NOW));
	expect(missed).toMatchObject({ effects: [], state: { phase: "online", moveAt: NOW + 250 } });
	const left = step(moving, lost, at(NOW));
	expect(left).toMatchObject({ effects: [], state: { phase: "trying" } });
	expect(shown(left.state, NOW, times).status).toBe("resuming");
});

test("a tick is due whenever something changes by itself, and never twice for the same change", () => {
	let { state, now } = WAYS.resuming;
	const seen: string[] = [];
	for (let n = 0; n < 6; n++) {
		const next = nextTick(state, now, times);
		if (next === null) break;
		expect(next).toBeGreaterThan(now);
		now = next;
		state = step(state, tick, at(now)).state;
		seen.push(shown(state, now, times).status);
	}
	expect(seen).toEqual(["resuming", "reconnecting", "unreachable"]);
	expect(nextTick(WAYS.online.state, now, times)).toBeNull();
	expect(nextTick(IDLE, now, times)).toBeNull();
});
