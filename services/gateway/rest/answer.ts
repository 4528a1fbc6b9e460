/** What REST answers with: a resource as JSON, or a problem. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { ActionContract } from "../../../contracts/contract.ts";
import { textOf } from "../../../lib/json-text.ts";
import type { CallerMeta } from "../../../lib/moleculer.ts";
import { problemOf, type WireError } from "../wire-error.ts";

const JSON_TYPE = "application/json; charset=utf-8";
const PROBLEM_TYPE = "application/problem+json; charset=utf-8";
/** In UTF-16 units; what is shorter leaves with the headers in one piece. */
const LONG_TEXT = 4_096;

/** A repeat answers as the first call did, and says so; what was there already was not made. */
export function sendResult(
	res: ServerResponse,
	contract: Pick<ActionContract, "status">,
	meta: Pick<CallerMeta, "replayed" | "existed">,
	result: unknown,
): void {
	if (meta.replayed) res.setHeader("Idempotent-Replayed", "true");
	const status = meta.existed && contract.status === 201 ? 200 : (contract.status ?? 200);
	if (status === 204) send(res, 204);
	else send(res, status, textOf(result ?? null), JSON_TYPE);
}

export function sendProblem(
	req: IncomingMessage,
	res: ServerResponse,
	wire: WireError,
	traceId: string,
): void {
	if (res.headersSent) {
		res.destroy();
		return;
	}
	if (wire.retryAfter !== undefined) res.setHeader("Retry-After", String(wire.retryAfter));
	if (wire.status === 401) res.setHeader("WWW-Authenticate", "Bearer");
	// The rest of a body that is too large is not waited for.
	if (wire.status === 413 && !req.complete) res.setHeader("Connection", "close");
	send(res, wire.status, JSON.stringify(problemOf(wire, traceId)), PROBLEM_TYPE);
}

/** Nothing of the API is kept by a cache in between: each answer is for one caller, at one moment. */
export function send(res: ServerResponse, status: number, body?: string | Buffer, type?: string): void {
	res.statusCode = status;
	if (!res.hasHeader("Cache-Control")) res.setHeader("Cache-Control", "no-store");
	if (body === undefined) {
		res.end();
		return;
	}
	// A long text would be gone through twice: for its length, then for its bytes.
	const sent = typeof body === "string" && body.length > LONG_TEXT ? Buffer.from(body) : body;
	res.setHeader("Content-Type", type ?? JSON_TYPE);
	res.setHeader("Content-Length", Buffer.byteLength(sent));
	res.end(res.req.method === "HEAD" ? undefined : sent);
}
