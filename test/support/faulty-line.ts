/**
 * A server in front of a server, for one device: Socket.IO's packets pass it one by one, and some are lost, late,
 * doubled or overtaken. Handshakes and pings pass as they are, REST as a whole or not at all.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { WebSocket, WebSocketServer } from "ws";

/** After how many ms each copy of a packet arrives; none is lost. */
export type Fate = (frame: string) => readonly number[];

export interface FaultyLine {
	/** Where the device connects. */
	readonly url: string;
	/** What becomes of events, questions and answers from now on. */
	fate: Fate;
	/** Names of the events that the device has sent, in order. */
	readonly questions: readonly string[];
	/** How many websockets there were. */
	readonly connections: number;
	/** Ends all connections; new ones pass. */
	cut(): void;
	/** No network: connections end, and none comes up until it is over. */
	block(isBlocked: boolean): void;
	close(): Promise<void>;
}

export const CLEAR: Fate = () => [0];
/** Socket.IO's events (42) and acknowledgements (43). */
const isPacket = (frame: string) => frame.startsWith("42") || frame.startsWith("43");

export async function faultyLine(target: string): Promise<FaultyLine> {
	const sockets = new Set<Socket>();
	const timers = new Set<ReturnType<typeof setTimeout>>();
	let isBlocked = false;
	const server = createServer((req, res) => {
		// Long polling would carry packets past the faults.
		if (req.url?.startsWith("/socket.io")) res.writeHead(400).end();
		else forward(target, req, res);
	});
	server.on("connection", socket => {
		if (isBlocked) {
			socket.destroy();
			return;
		}
		sockets.add(socket);
		socket.on("close", () => sockets.delete(socket));
	});
	const doors = new WebSocketServer({ server, perMessageDeflate: false });
	const line = {
		url: "",
		fate: CLEAR as Fate,
		questions: [] as string[],
		connections: 0,
		cut() {
			for (const socket of sockets) socket.destroy();
		},
		block(blocked: boolean) {
			isBlocked = blocked;
			if (blocked) line.cut();
		},
		async close() {
			for (const timer of timers) clearTimeout(timer);
			line.cut();
			doors.close();
			if (!server.listening) return;
			server.close();
			await once(server, "close");
		},
	};
	const pass = (to: WebSocket, frame: string) => {
		const send = () => to.readyState === WebSocket.OPEN && to.send(frame);
		for (const ms of isPacket(frame) ? line.fate(frame) : [0]) {
			if (ms === 0) {
				send();
				continue;
			}
			const timer = setTimeout(() => {
				timers.delete(timer);
				send();
			}, ms);
			timers.add(timer);
		}
	};
	doors.on("connection", (client, { url }) => {
		line.connections++;
		const node = new WebSocket(target.replace(/^http/, "ws") + url, { perMessageDeflate: false });
		const early: string[] = [];
		client.on("message", data => {
			const frame = data.toString();
			const [, name] = /^42\d+\["([^"]+)"/.exec(frame) ?? [];
			if (name) line.questions.push(name);
			if (node.readyState === WebSocket.CONNECTING) early.push(frame);
			else pass(node, frame);
		});
		node.on("open", () => {
			for (const frame of early) pass(node, frame);
		});
		node.on("message", data => pass(client, data.toString()));
		for (const [side, other] of [
			[client, node],
			[node, client],
		] as const) {
			side.on("close", () => other.terminate());
			side.on("error", () => other.terminate());
		}
	});
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	return Object.assign(line, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}

function forward(target: string, req: IncomingMessage, res: ServerResponse): void {
	const { method, headers } = req;
	const onward = request(target + req.url, { method, headers }, answer => {
		res.writeHead(answer.statusCode ?? 502, answer.headers);
		answer.pipe(res);
	});
	onward.on("error", () => res.destroy());
	res.on("close", () => onward.destroy());
	req.pipe(onward);
}
