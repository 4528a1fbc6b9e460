/** The REST door: moleculer-web with its defaults closed, and its answers in the contract's shape. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Context, Service, ServiceBroker, ServiceSettingSchema } from "moleculer";
import ApiGateway from "moleculer-web";
import type { ActionContract } from "../../../contracts/contract.ts";
import type { Events } from "../../../contracts/events.ts";
import { fail, forbidden, invalid, unavailable } from "../../../lib/errors.ts";
import { newId } from "../../../lib/ids.ts";
import { type CallerMeta, callChecked } from "../../../lib/moleculer.ts";
import { bearerToken, Callers } from "../authenticate.ts";
import type { Proxies } from "../client-address.ts";
import type { Health } from "../health.ts";
import type { Limits } from "../limits.ts";
import { isFault, wireError } from "../wire-error.ts";
import { send, sendProblem, sendResult } from "./answer.ts";
import { hasBody, readBody } from "./body.ts";
import { restParams, takesBody } from "./params.ts";
import { type Alias, contractOf, RouteTable, restAliases } from "./routes.ts";

/** What pages need of the service that serves them. */
interface Served {
	broker: ServiceBroker;
	health: Health;
}

/** What is served beside the actions: health, documentation. */
export type Page = (req: IncomingMessage, res: ServerResponse, gateway: Served) => Promise<void> | void;

/** What the door needs of the service that it is mixed into. */
export interface RestVars {
	limits: Limits;
	proxies: Proxies;
}

interface Settings extends ServiceSettingSchema {
	/** Calls of actions at the same time; above it the answer is UNAVAILABLE. */
	requestsUnderWayMax: number;
}

type Door = Service<Settings> &
	RestVars & {
		aliases: Alias[];
		table: RouteTable;
		callers: Callers;
		/** Calls of actions that are being carried out. */
		underWay: number;
		carryOut(req: IncomingMessage, res: ServerResponse, asked: Asked): Promise<void>;
		answer(req: IncomingMessage, res: ServerResponse, asked: Asked): Promise<void>;
		callerOf(req: IncomingMessage, contract: ActionContract): Promise<CallerMeta>;
		sendError(req: IncomingMessage, res: ServerResponse, err: unknown, asked: Pick<Asked, "traceId">): void;
	};

/** A request to an action. */
interface Asked {
	contract: ActionContract;
	/** Of the path. */
	params: Record<string, string>;
	query: URLSearchParams;
	traceId: string;
}

const USER_AGENT_MAX = 256;

/** `pages` are served outside `/api`, `apiPages` below it. */
export function restDoor(pages: Record<string, Page>, apiPages: Record<string, Page>) {
	return {
		mixins: [ApiGateway],
		settings: {
			// The server is the gateway's own; upstream's would end the process when its port is taken.
			server: false,
			routes: [
				{
					path: "/api",
					mappingPolicy: "restrict",
					aliases: { ...restAliases, ...aliasesOf(apiPages) },
					...BARE,
				},
				{ path: "/", mappingPolicy: "restrict", aliases: aliasesOf(pages), ...BARE },
			],
			// URLs may hold what their sender takes for private, so none is logged.
			logRequest: null,
			logRequestParams: null,
			logResponse: null,
			logRouteRegistration: null,
			// As many as a node that takes some thousands a second has answered within a second.
			requestsUnderWayMax: 3_000,
			$secureSettings: ["routes"],
		},
		// A request is no call of an action's: what it asks for is.
		actions: { rest: false, listAliases: false, addRoute: false, removeRoute: false } as const,
		events: {
			"sessions.ended"(this: Door, ctx: Context<Events["sessions.ended"]>) {
				this.callers.end(ctx.params.sessionIds);
			},
		},
		methods,
		created(this: Door) {
			this.table = new RouteTable(this.aliases);
			this.callers = new Callers(this.broker);
			this.underWay = 0;
		},
	};
}

/** Bodies are read after the caller is known, and never merged with the query. */
const BARE = { bodyParsers: false, mergeParams: false, logging: false } as const;

const methods = {
	/** In place of upstream's, which makes a call of its own of each request and takes three times as long. */
	async httpHandler(this: Door, req: IncomingMessage, res: ServerResponse) {
		// Ours alone: a client that chooses its trace's name could write into other people's.
		const traceId = newId();
		try {
			res.setHeader("X-Request-ID", traceId);
			const [path = "", query = ""] = splitOnce(req.url ?? "", "?");
			const found = this.table.find(req.method ?? "", path);
			if (!found) refusePath(req, res, this.table.methodsOf(path));
			else if (found.alias.action === null) await found.alias.handler?.call(this, req, res);
			else {
				const contract = contractOf(found.alias.action);
				const asked = { contract, params: found.params, query: new URLSearchParams(query), traceId };
				await this.carryOut(req, res, asked);
			}
		} catch (err) {
			this.sendError(req, res, err, { traceId });
		}
	},

	async carryOut(this: Door, req: IncomingMessage, res: ServerResponse, asked: Asked) {
		// Before any work: refusals have to cost next to nothing, or there is no time left for the others.
		if (this.underWay >= this.settings.requestsUnderWayMax) throw unavailable();
		this.underWay++;
		try {
			await this.answer(req, res, asked);
		} finally {
			this.underWay--;
		}
	},

	/** All that stands between a request and its answer: who asks, right, rate and params; then the action. */
	async answer(this: Door, req: IncomingMessage, res: ServerResponse, asked: Asked) {
		const { contract, params: path, query, traceId } = asked;
		const meta = await this.callerOf(req, contract);
		const { user, address = "" } = meta;
		if (contract.rate) await this.limits.take(contract.rate, { userId: user?.id, address });
		if (contract.auth === "admin" && !user.admin) throw forbidden("Only an administrator may ask for this.");
		if (!takesBody(req.method) && hasBody(req)) throw invalid("body", `A ${req.method} takes no body.`);
		const key = req.headers["idempotency-key"];
		const params = restParams(contract, req.method, {
			path,
			query,
			body: takesBody(req.method) ? await readBody(req) : {},
			key: Array.isArray(key) ? key.join() : key,
		});
		const result = await callChecked(this.broker, contract, params, {
			meta,
			requestID: traceId,
		});
		sendResult(res, contract, meta, result);
	},

	async callerOf(this: Door, req: IncomingMessage, contract: ActionContract) {
		const userAgent = req.headers["user-agent"]?.slice(0, USER_AGENT_MAX);
		const from = { address: this.proxies.addressOf(req), ...(userAgent !== undefined && { userAgent }) };
		if (contract.auth === "public") return { ...from, user: null };
		const { meta } = await this.callers.of(bearerToken(req.headers.authorization));
		return { ...from, user: meta.user, sessionId: meta.sessionId ?? null };
	},

	sendError(
		this: Door,
		req: IncomingMessage,
		res: ServerResponse,
		err: unknown,
		{ traceId }: Pick<Asked, "traceId">,
	) {
		const wire = wireError(err);
		if (isFault(wire)) this.logger.error(`A ${req.method} over REST failed.`, { traceId }, err);
		sendProblem(req, res, wire, traceId);
	},
};

/** What no alias takes. @param allowed the methods that the path has */
function refusePath({ method }: IncomingMessage, res: ServerResponse, allowed: readonly string[]): void {
	if (allowed.length === 0) throw fail("NOT_FOUND", "There is no such path.");
	res.setHeader("Allow", allowed.join(", "));
	if (method !== "OPTIONS") throw fail("METHOD_NOT_ALLOWED");
	send(res, 204);
}

/** Upstream calls an alias on the service. */
function aliasesOf(pages: Record<string, Page>) {
	return Object.fromEntries(
		Object.entries(pages).map(([path, page]) => [
			`GET ${path}`,
			function (this: Served, req: IncomingMessage, res: ServerResponse) {
				return page(req, res, this);
			},
		]),
	);
}

function splitOnce(text: string, mark: string): [string, string] {
	const at = text.indexOf(mark);
	return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}
