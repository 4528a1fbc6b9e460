/** Calls over HTTP on connections that stay open, far cheaper than Node's own client: an answer is not parsed. */
import { HttpLine } from "./http-line.ts";

const CONNECTIONS_MAX = 256;
/** Sooner than a server closes what nobody uses. */
const UNUSED_MAX_MS = 3_000;

export interface Answer {
	status: number;
	text: string;
}

interface Kept {
	line: HttpLine;
	port: number;
	usedAt: number;
}

const kept: Kept[] = [];
const waiting: (() => void)[] = [];
let underWay = 0;

export async function call(
	port: number,
	method: "GET" | "POST" | "PUT",
	path: string,
	token: string,
	body?: object,
	headers: Record<string, string> = {},
): Promise<Answer> {
	if (underWay >= CONNECTIONS_MAX) await new Promise<void>(resolve => waiting.push(resolve));
	else underWay++;
	try {
		const line = keptLine(port) ?? (await HttpLine.open(port));
		const status = await line.ask(requestOf(port, method, path, token, body, headers)).catch(err => {
			line.close();
			throw err;
		});
		kept.push({ line, port, usedAt: performance.now() });
		return { status, text: line.body };
	} finally {
		const next = waiting.shift();
		if (next) next();
		else underWay--;
	}
}

/** The one used last: those before it may be about to close. */
function keptLine(port: number): HttpLine | undefined {
	for (let last = kept.pop(); last; last = kept.pop()) {
		const { line } = last;
		if (last.port === port && !line.isClosed && performance.now() - last.usedAt < UNUSED_MAX_MS) return line;
		line.close();
	}
	return undefined;
}

function requestOf(
	port: number,
	method: string,
	path: string,
	token: string,
	body: object | undefined,
	headers: Record<string, string>,
): string {
	const text = body === undefined ? "" : JSON.stringify(body);
	const all = {
		host: `127.0.0.1:${port}`,
		authorization: `Bearer ${token}`,
		...(body !== undefined && {
			"content-type": "application/json",
			"content-length": Buffer.byteLength(text),
		}),
		...headers,
	};
	const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
	return `${method} /api${path} HTTP/1.1\r\n${lines.join("")}\r\n${text}`;
}
