/** How long pages take, one asked after the other. */
import { Delays } from "../stage/delays.ts";
import { idOf } from "../stage/layout.ts";
import { call } from "../stage/rest.ts";
import type { Stage } from "../stage/stage.ts";
import { tokenOf } from "../stage/tokens.ts";

/** Milliseconds. */
export interface PageTimes {
	p50: number;
	p99: number;
}

const WARM_UP = 100;
const ASKED = 1_000;

async function times(stage: Stage, user: number, path: () => string): Promise<PageTimes> {
	const port = Number(new URL(stage.node.url).port);
	const token = tokenOf(stage.secret, user);
	const delays = new Delays();
	for (let i = 0; i < WARM_UP + ASKED; i++) {
		const asked = path();
		const startedAt = performance.now();
		const { status, text } = await call(port, "GET", asked, token);
		if (status !== 200) throw new Error(`${asked} answered ${status}: ${text.slice(0, 300)}`);
		if (i >= WARM_UP) delays.add(performance.now() - startedAt);
	}
	return { p50: delays.quantile(0.5), p99: delays.quantile(0.99) };
}

/** 50 messages anywhere in the log of a chat. */
export function historyTimes(stage: Stage, user: number, chat: number, messages: number): Promise<PageTimes> {
	const before = () => 51 + Math.floor(Math.random() * (messages - 50));
	return times(stage, user, () => `/chats/${idOf("chat", chat)}/messages?before=${before()}&limit=50`);
}

/** The last 50 changes of a chat. */
export function changesTimes(stage: Stage, user: number, chat: number, rev: number): Promise<PageTimes> {
	return times(stage, user, () => `/chats/${idOf("chat", chat)}/changes?since=${rev - 50}&limit=50`);
}

/** The first page of an inbox. */
export function inboxTimes(stage: Stage, user: number): Promise<PageTimes> {
	return times(stage, user, () => "/inbox?limit=50");
}
