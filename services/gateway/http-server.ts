/** The one HTTP server of both doors: its bounds, the headers of every answer, whose pages may ask, and how it ends. */
import {
	createServer,
	type IncomingMessage,
	type RequestListener,
	type Server,
	type ServerResponse,
	STATUS_CODES,
} from "node:http";
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import helmet from "helmet";
import { fail } from "../../lib/errors.ts";
import { newId } from "../../lib/ids.ts";
import { InFlight } from "../../lib/in-flight.ts";
import { isPreflight, type Origins } from "./origins.ts";
import { send, sendProblem } from "./rest/answer.ts";
import { unreadable } from "./rest/body.ts";
import { problemOf, type WireError, wireError } from "./wire-error.ts";

/** A client that is slower than this is cut off. */
export const PATIENCE = {
	/** Until its headers are there. */
	headersTimeout: 15_000,
	/** Until its whole request is there. */
	requestTimeout: 30_000,
	/** Until its next request begins. */
	keepAliveTimeout: 40_000,
	/** How often the above is looked after. */
	connectionsCheckingInterval: 5_000,
};

const HEADER_BYTES_MAX = 16 * 1024;
const HEADERS_MAX = 100;

/** Answers hold data, never pages; the one page there is brings its own policy. */
const secure = helmet({
	contentSecurityPolicy: {
		useDefaults: false,
		directives: { "default-src": ["'none'"], "frame-ancestors": ["'none'"] },
	},
	crossOriginResourcePolicy: { policy: "same-site" },
});

/** They are the same for every request, so helmet is asked for them once. */
const SECURITY_HEADERS = securityHeaders();

function securityHeaders(): [name: string, value: string][] {
	const headers: [string, string][] = [];
	const setHeader = (name: string, value: unknown) => headers.push([name, String(value)]);
	const res = { setHeader, removeHeader: () => {} } as unknown as ServerResponse;
	secure({} as IncomingMessage, res, () => {});
	return headers;
}

export class HttpServer {
	readonly server: Server;
	readonly #origins: Origins;
	readonly #handle: RequestListener;
	readonly #running = new InFlight<ServerResponse, true>();
	#draining = false;

	constructor(origins: Origins, handle: RequestListener, patience = PATIENCE) {
		this.#origins = origins;
		this.#handle = handle;
		const options = {
			...patience,
			maxHeaderSize: HEADER_BYTES_MAX,
			// Node would answer by itself, in a shape that is not ours.
			requireHostHeader: false,
		};
		this.server = createServer(options, (req, res) => this.#serve(req, res));
		this.server.maxHeadersCount = HEADERS_MAX;
		this.server.on("checkExpectation", (req, res) => this.#serve(req, res));
		this.server.on("clientError", refuse);
	}

	get draining(): boolean {
		return this.#draining;
	}

	/** @throws the system's error, `EADDRINUSE` among them */
	listen(port: number, host: string): Promise<void> {
		return new Promise((resolve, reject) => {
			this.server.once("error", reject);
			this.server.listen({ port, host, exclusive: true }, () => {
				this.server.off("error", reject);
				resolve();
			});
		});
	}

	/** Says that it will end, and ends each connection with its next answer, so that none is cut off idle later. */
	drain(): void {
		this.#draining = true;
		for (const res of this.#running.keys()) res.shouldKeepAlive = false;
	}

	/** Takes no new connection. */
	close(): void {
		this.server.close();
	}

	/** Waits until the requests that are running have been answered, at most so long. */
	async finish(waitMaxMs: number): Promise<void> {
		const deadline = Date.now() + waitMaxMs;
		while (this.#running.size > 0 && Date.now() < deadline) await sleep(10);
		this.server.closeAllConnections();
	}

	#serve(req: IncomingMessage, res: ServerResponse): void {
		this.#running.set(res, true);
		res.once("close", () => this.#running.delete(res));
		if (this.#draining) res.shouldKeepAlive = false;
		try {
			for (const [name, value] of SECURITY_HEADERS) res.setHeader(name, value);
			this.#origins.write(req, res);
			if (!this.#origins.allows(req)) throw fail("FORBIDDEN", "Pages of this origin may not call.");
			if (!req.headers.host) throw unreadable("The header Host is missing.");
			if (isPreflight(req)) send(res, 204);
			else this.#handle(req, res);
		} catch (err) {
			sendProblem(req, res, wireError(err), newId());
		}
	}
}

/** What is not even HTTP, or came too slowly, is answered in the common shape as well, then cut off. */
function refuse(err: NodeJS.ErrnoException, socket: Socket): void {
	const { _httpMessage: answering } = socket as { _httpMessage?: ServerResponse };
	if (err.code === "ECONNRESET" || !socket.writable || answering?.headersSent) {
		socket.destroy();
		return;
	}
	answerAndClose(refusalOf(err.code), socket);
}

/** For what has no response that could be written: the common shape all the same. */
export function answerAndClose(wire: WireError, socket: Socket): void {
	if (!socket.writable) return;
	// Whoever hangs up over it does no harm.
	socket.on("error", () => {});
	const body = JSON.stringify(problemOf(wire, newId()));
	socket.end(
		[
			`HTTP/1.1 ${wire.status} ${STATUS_CODES[wire.status]}`,
			"Content-Type: application/problem+json; charset=utf-8",
			`Content-Length: ${Buffer.byteLength(body)}`,
			"X-Content-Type-Options: nosniff",
			"Cache-Control: no-store",
			...(wire.retryAfter === undefined ? [] : [`Retry-After: ${wire.retryAfter}`]),
			"Connection: close",
			"",
			body,
		].join("\r\n"),
		() => socket.destroy(),
	);
}

function refusalOf(code: string | undefined): WireError {
	if (code === "HPE_HEADER_OVERFLOW")
		return wireError(fail("PAYLOAD_TOO_LARGE", "The headers are too large."));
	if (code === "ERR_HTTP_REQUEST_TIMEOUT")
		return wireError(unreadable("The request did not arrive in time."));
	return wireError(unreadable("This is not HTTP that the server can read."));
}
