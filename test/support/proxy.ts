import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { Pipe, type Weather } from "./proxy/pipe.ts";
import { freePorts } from "./servers/ports.ts";

export interface ProxyStats {
	/** Connections taken since the start, and those that are open. */
	connections: number;
	open: number;
	/** Bytes handed on to the server, to the client, and thrown away. */
	bytesUp: number;
	bytesDown: number;
	bytesDropped: number;
}

export interface TcpProxy {
	readonly port: number;
	/** The target's address, with this proxy's host and port in it. */
	readonly url: string;
	readonly stats: Readonly<ProxyStats>;
	/** Ends every disturbance. Connections that lost bytes are cut: what follows would be nonsense to the client. */
	pass(): Promise<void>;
	/** The server is down: connections are reset, new ones refused. */
	refuse(): Promise<void>;
	/** The network is down: connections stay open, what is sent waits and arrives after `pass()`. */
	blackhole(): void;
	/** Requests arrive, answers are lost. */
	dropDown(): void;
	/** As `dropDown`, from the first request on that has this text in it. */
	dropDownFrom(text: string): void;
	/** Every piece is late by a random time, in both directions; order is kept. */
	delay(msMin: number, msMax: number): void;
	/** Bytes per second for each connection and direction. */
	rateBps(bytes: number): void;
	/** Resets all connections, once; new ones pass. */
	cut(): void;
	/** Cuts all connections, once, when exactly so many more bytes have gone to clients. */
	cutAfterBytes(bytes: number): void;
	close(): Promise<void>;
}

interface Link {
	client: Socket;
	server: Socket;
	up: Pipe;
	down: Pipe;
}

const CLEAR: Weather = { hold: false, delayMsMin: 0, delayMsMax: 0, bytesPerSecond: 0 };

/**
 * A TCP proxy in front of `target` (a port, `host:port`, or a URL) that can do what networks do.
 * Kafka tells its clients where to connect: give it `advertised.listeners` with this proxy's port.
 */
export async function proxy(target: number | string): Promise<TcpProxy> {
	const to = parseTarget(target);
	const links = new Set<Link>();
	const stats: ProxyStats = { connections: 0, open: 0, bytesUp: 0, bytesDown: 0, bytesDropped: 0 };
	let weather = CLEAR;
	let answersLost = false;
	let lostFrom: string | undefined;
	let bytesUntilCut = Number.POSITIVE_INFINITY;

	const listener = createServer({ allowHalfOpen: true, noDelay: true }, accept);
	const [port = 0] = await freePorts(1);
	await listen();

	function accept(client: Socket) {
		const server = connect({ host: to.host, port: to.port, allowHalfOpen: true, noDelay: true });
		const up = new Pipe(client, server, weather, goingUp);
		const down = new Pipe(server, client, weather, goingDown);
		const link: Link = { client, server, up, down };
		links.add(link);
		stats.connections++;
		stats.open++;
		client.on("close", () => {
			stats.open--;
			if (server.closed) links.delete(link);
		});
		server.on("close", () => {
			if (client.closed) links.delete(link);
		});
	}

	function goingUp(piece: Buffer): Buffer {
		stats.bytesUp += piece.length;
		if (lostFrom !== undefined && piece.includes(lostFrom)) answersLost = true;
		return piece;
	}

	function goingDown(piece: Buffer): Buffer {
		const allowed = answersLost ? piece.subarray(0, 0) : piece.subarray(0, bytesUntilCut);
		stats.bytesDown += allowed.length;
		stats.bytesDropped += piece.length - allowed.length;
		bytesUntilCut -= allowed.length;
		if (bytesUntilCut === 0) {
			bytesUntilCut = Number.POSITIVE_INFINITY;
			const all = [...links];
			for (const { up, down } of all) stop(up, down);
			setImmediate(() => end(all, "gently")); // after these bytes are written
		}
		return allowed;
	}

	/** Gently: what was written before still arrives. */
	function end(which: Iterable<Link>, how: "gently" | "reset") {
		for (const { client, server, up, down } of which) {
			stop(up, down);
			if (how === "gently") client.destroySoon();
			else client.resetAndDestroy();
			server.resetAndDestroy();
		}
	}

	function change(next: Partial<Weather>) {
		weather = { ...weather, ...next };
		for (const { up, down } of links) {
			up.change(weather);
			down.change(weather);
		}
	}

	async function listen() {
		if (listener.listening) return;
		listener.listen(port, "127.0.0.1");
		await once(listener, "listening");
	}

	return {
		port,
		url: to.write(port),
		stats,
		async pass() {
			end(
				[...links].filter(({ down }) => down.hasLost),
				"reset",
			);
			bytesUntilCut = Number.POSITIVE_INFINITY;
			answersLost = false;
			lostFrom = undefined;
			change(CLEAR);
			await listen();
		},
		async refuse() {
			const closed = listener.listening ? once(listener, "close") : undefined;
			listener.close();
			end(links, "reset");
			await closed;
		},
		blackhole: () => change({ hold: true }),
		dropDown() {
			answersLost = true;
		},
		dropDownFrom(text) {
			lostFrom = text;
		},
		delay: (delayMsMin, delayMsMax) => change({ delayMsMin, delayMsMax }),
		rateBps: bytesPerSecond => change({ bytesPerSecond }),
		cut: () => end(links, "reset"),
		cutAfterBytes(bytes) {
			bytesUntilCut = bytes;
			if (bytes === 0) end(links, "gently");
		},
		async close() {
			end(links, "reset");
			if (!listener.listening) return;
			listener.close();
			await once(listener, "close");
		},
	};
}

function stop(...pipes: Pipe[]) {
	for (const pipe of pipes) pipe.stop();
}

interface Target {
	host: string;
	port: number;
	/** The same target, reached through another port of this machine. */
	write(port: number): string;
}

function parseTarget(target: number | string): Target {
	if (typeof target === "number") {
		return { host: "127.0.0.1", port: target, write: port => `127.0.0.1:${port}` };
	}
	const hasScheme = target.includes("://");
	const url = new URL(hasScheme ? target : `tcp://${target}`);
	const write = (port: number) => {
		url.host = `127.0.0.1:${port}`;
		return hasScheme ? url.href : url.host;
	};
	return { host: url.hostname, port: Number(url.port), write };
}
