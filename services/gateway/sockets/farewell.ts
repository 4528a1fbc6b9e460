/** How the sockets of a node that stops come to an end. */
import type { Duplex } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import { BOUNDS } from "./bounds.ts";
import type { Connection } from "./connection.ts";
import type { Pushes } from "./pushes.ts";

/** Tells clients to go elsewhere, each at another moment, and ends their sockets when their calls are done. */
export async function sayFarewell(connections: Connection[], pushes: Pushes): Promise<void> {
	if (connections.length === 0) return;
	for (const connection of connections) {
		const reconnectIn = Math.floor(Math.random() * BOUNDS.drainSpreadMs);
		pushes.to([connection], "server:draining", { reconnectIn });
	}
	await wait(BOUNDS.drainSpreadMs);
	await moved(connections);
	for (const connection of connections) connection.isLeaving = true;
	const done = Promise.all(connections.map(({ lanes }) => lanes.idle()));
	// A timer that is left would keep the process alive.
	const patience = new AbortController();
	await Promise.race([done, wait(BOUNDS.drainCallsMs, undefined, patience).catch(() => {})]);
	patience.abort();
	for (const connection of connections) close(connection);
}

async function moved(connections: Connection[]): Promise<void> {
	const deadline = Date.now() + BOUNDS.drainMoveMs;
	while (connections.some(({ isLive }) => isLive) && Date.now() < deadline)
		await wait(BOUNDS.drainLookEveryMs);
}

/** Ends a socket. One that is just being let in has no Socket.IO to say goodbye by. */
export function close({ isLive, socket }: Connection): void {
	if (isLive) socket.disconnect(true);
	else socket.conn.close();
}

/** Who does not answer the closing handshake of a websocket would hold the server up for half a minute. */
export async function hangUp(tcps: ReadonlySet<Duplex>): Promise<void> {
	const deadline = Date.now() + BOUNDS.goodbyeMs;
	while (tcps.size > 0 && Date.now() < deadline) await wait(10);
	for (const tcp of tcps) tcp.destroy();
}
