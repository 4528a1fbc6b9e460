/** Connections of the client's own kind, with what they showed. */
import type { ConnectionStatus, ParleyErrorShape, Platform, Times } from "../../client/api.ts";
import { Connection } from "../../client/connection/connection.ts";
import type { Token } from "../../client/connection/token.ts";
import { eventually } from "./stage.ts";

/** Shorter than an application's, long enough for a slow machine. */
const TIMES: Times = {
	graceMs: 1_000,
	unreachableMs: 3_000,
	retryMinMs: 100,
	retryMaxMs: 500,
	heartbeatMs: 2_000,
	ackMs: 5_000,
};
const PATIENCE_MS = 25_000;

const open = new Set<Connection>();

export function hangUp(): void {
	for (const link of open) link.disconnect();
	open.clear();
}

export interface TestLink {
	link: Connection;
	/** Each status that was shown, in order, without repetitions. */
	statuses: ConnectionStatus[];
	/** Each error that was shown. */
	errors: ParleyErrorShape[];
	/** How many sockets have become the current one. */
	sockets(): number;
	reaches(status: ConnectionStatus): Promise<void>;
}

export function linkTo(
	url: string,
	token: Token,
	{ times, platform = {} }: { times?: Partial<Times>; platform?: Pick<Platform, "network" | "isIdle"> } = {},
): TestLink {
	const link = new Connection({ url, token, times: { ...TIMES, ...times }, platform });
	open.add(link);
	const statuses: ConnectionStatus[] = [link.state.get().status];
	const errors: ParleyErrorShape[] = [];
	let sockets = 0;
	/** The statuses before it were waited for already. */
	let next = statuses.length;
	link.state.subscribe(() => {
		const { status, error } = link.state.get();
		if (statuses.at(-1) !== status) statuses.push(status);
		if (error && errors.at(-1) !== error) errors.push(error);
	});
	link.onSocket(() => sockets++);
	return {
		link,
		statuses,
		errors,
		sockets: () => sockets,
		async reaches(status) {
			// One that came and went between two looks was reached as well.
			const isReached = await eventually(
				() => link.state.get().status === status || statuses.includes(status, next),
				is => is,
				PATIENCE_MS,
			);
			if (!isReached) throw new Error(`It has not become ${status}: ${statuses.join(", ")}.`);
			const place = statuses.indexOf(status, next);
			next = place < 0 ? statuses.length : place + 1;
		},
	};
}

export async function onlineLink(...args: Parameters<typeof linkTo>): Promise<TestLink> {
	const made = linkTo(...args);
	made.link.connect();
	await made.reaches("online");
	return made;
}

/** A device's network, to be switched. */
export function switchedNetwork() {
	const listeners = new Set<(online: boolean) => void>();
	return {
		network(listener: (online: boolean) => void) {
			listeners.add(listener);
			return () => void listeners.delete(listener);
		},
		turn(online: boolean) {
			for (const listener of listeners) listener(online);
		},
		listeners,
	};
}

export const sleep = (ms: number): Promise<void> => new Promise(done => setTimeout(done, ms));
