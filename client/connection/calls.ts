import { errorFrom, ParleyError, parleyError, unavailable } from "../errors.ts";
import { newId } from "../ids.ts";
import type { IdempotentRoute, RestCall, SocketCall } from "../wire.ts";
import type { Line } from "./line.ts";
import type { TokenSource } from "./token.ts";

/** Calls over the line that is current at that moment; they wait for none. */
export const socketCall = (current: () => Line | null, limitMs: number): SocketCall =>
	(async (event: string, params: unknown) => {
		const line = current();
		if (!line) throw unavailable("There is no connection.");
		const answer = await line.ask(event, params, limitMs);
		if (answer?.status !== "ok") throw errorFrom(answer);
		return answer;
	}) as SocketCall;

/** They alone have a `clientId`, which goes into a header. */
const IDEMPOTENT: Record<IdempotentRoute, true> = {
	"POST /chats": true,
	"POST /chats/:chatId/messages": true,
	"POST /messages/:messageId/forward": true,
};

/**
 * Params with which a call may be repeated: it then changes nothing more. Null for those by which one signs in or out;
 * all others say how something is to be, or have a key.
 */
export function repeatable<P extends object>(route: string, params: P): P | null {
	if (/^POST .auth/.test(route)) return null;
	const { clientId = newId() } = params as { clientId?: string };
	return Object.hasOwn(IDEMPOTENT, route) ? { ...params, clientId } : params;
}

export interface RestOptions {
	url: string;
	/** Null: nobody is signed in. */
	tokens: TokenSource | null;
	limitMs: number;
}

/** @throws ParleyError of whatever went wrong */
export const restCall = ({ url, tokens, limitMs }: RestOptions): RestCall =>
	(async (route: string, params: object) => {
		const request = requestOf(route, params);
		const token = await tokens?.get();
		try {
			return await ask(url, request, token, limitMs);
		} catch (err) {
			if (!tokens || !(err instanceof ParleyError) || err.code !== "TOKEN_EXPIRED") throw err;
			return ask(url, request, await tokens.fresh(token), limitMs);
		}
	}) as RestCall;

interface Request {
	method: string;
	/** Below `/api`, with its query. */
	path: string;
	headers: Record<string, string>;
	body?: string;
}

/** The path takes its names; the rest is the body of POST, PUT and PATCH, and the query of the others. */
function requestOf(route: string, params: object): Request {
	const left = new Map<string, unknown>(Object.entries(params).filter(([, value]) => value !== undefined));
	const take = (name: string): string => {
		const value = String(left.get(name));
		left.delete(name);
		return value;
	};
	const headers: Record<string, string> = {};
	if (left.has("clientId")) headers["Idempotency-Key"] = take("clientId");
	const [method = "", template = ""] = route.split(" ");
	const path = template.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(take(name)));
	if (!/^P/.test(method)) return { method, path: path + queryOf(left), headers };
	headers["Content-Type"] = "application/json";
	return { method, path, headers, body: JSON.stringify(Object.fromEntries(left)) };
}

function queryOf(fields: Map<string, unknown>): string {
	const pairs = [...fields].flatMap(([name, value]) => [value].flat().map(one => [name, one]));
	const query = pairs.map(pair => pair.map(text => encodeURIComponent(String(text))).join("=")).join("&");
	return query && `?${query}`;
}

async function ask(url: string, request: Request, token: string | undefined, limitMs: number) {
	const { method, path, headers, body } = request;
	const limit = new AbortController();
	const timer = setTimeout(() => limit.abort(), limitMs);
	try {
		const answer = await fetch(`${url}/api${path}`, {
			method,
			headers: { ...headers, ...(token && { Authorization: `Bearer ${token}` }) },
			signal: limit.signal,
			...(body && { body }),
		});
		if (answer.status === 204) return null;
		if (answer.ok) return await answer.json();
		throw refusal(answer.status, await answer.json().catch(() => null));
	} catch (err) {
		throw parleyError(err);
	} finally {
		clearTimeout(timer);
	}
}

/** What stands between client and server may refuse as well, with a page of its own. */
function refusal(status: number, problem: unknown): ParleyError {
	const error = errorFrom(problem, `The server answered ${status}.`);
	return error.code === "UNAVAILABLE" && status < 500 ? new ParleyError("INTERNAL", error.message) : error;
}
