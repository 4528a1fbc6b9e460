/** What stands before engine.io: whose requests come through to it, and what the others are answered. */
import { type IncomingMessage, ServerResponse } from "node:http";
import type { Socket as Tcp } from "node:net";
import type { Server } from "socket.io";
import { fail } from "../../../lib/errors.ts";
import { newId } from "../../../lib/ids.ts";
import { answerAndClose } from "../http-server.ts";
import { isPreflight, type Origins } from "../origins.ts";
import { sendProblem } from "../rest/answer.ts";
import { unreadable } from "../rest/body.ts";
import { wireError } from "../wire-error.ts";
import type { Crowd } from "./crowd.ts";
import type { Logger } from "./parts.ts";

export const SOCKET_PATH = "/socket.io";

interface Parts {
	logger: Logger;
	/** Lets listed origins read what polling answers. */
	origins: Pick<Origins, "write" | "allows">;
	crowd: Crowd;
}

export function guard(io: Server, { logger, origins, crowd }: Parts): void {
	/** Answers to upgrades, which engine.io holds as long as the websocket is open, and through them the request. */
	const upgrades = new WeakMap<IncomingMessage, object>();
	const refusalOf = (req: IncomingMessage): Error | null => {
		if (!origins.allows(req)) return fail("FORBIDDEN", "Pages of this origin may not connect.");
		const isNew = !(req as Prepared)._query?.sid;
		return isNew && crowd.isFull(req, io.engine.clientsCount) ? fail("SERVER_FULL") : null;
	};
	io.engine.use((req: IncomingMessage, res: ServerResponse, next: () => void) => {
		if (!(res instanceof ServerResponse)) upgrades.set(req, res);
		res.setHeader("X-Content-Type-Options", "nosniff");
		origins.write(req, res);
		const refusal = refusalOf(req);
		if (isPreflight(req)) res.writeHead(204).end();
		else if (!refusal) next();
		else if (res instanceof ServerResponse) sendProblem(req, res, wireError(refusal), newId());
		else answerAndClose(wireError(refusal), req.socket);
	});
	io.engine.on("headers", (_headers: object, req: IncomingMessage) => {
		const answer = upgrades.get(req);
		if (answer) Object.assign(answer, { req: null, socket: null });
	});
	io.engine.on("connection_error", ({ req, code, message }: Refused) => {
		logger.debug("A connection was refused by engine.io.", code, message);
		// Its own answer to an upgrade would be a page without our headers; this one is there before it.
		if (!req.res && code !== BAD_PROTOCOL) answerAndClose(wireError(unreadable(`${message}.`)), req.socket);
	});
	io.httpServer.on("upgrade", (req: IncomingMessage, tcp: Tcp) => {
		if (req.url?.startsWith(`${SOCKET_PATH}/`)) return;
		answerAndClose(wireError(unreadable(`Only ${SOCKET_PATH}/ speaks anything but HTTP.`)), tcp);
	});
}

/** engine.io has read the query by then. */
type Prepared = IncomingMessage & { _query?: Record<string, unknown> };

interface Refused {
	/** engine.io keeps the answer with a request that is no upgrade. */
	req: IncomingMessage & { res?: ServerResponse };
	code: number;
	message: string;
}

/** engine.io finds this when the websocket is open, where no HTTP is spoken any more. */
const BAD_PROTOCOL = 5;
