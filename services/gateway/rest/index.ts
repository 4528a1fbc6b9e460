/** The REST door: moleculer-web with its defaults closed, and its answers in the contract's shape. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Context, Service, ServiceBroker } from "moleculer";
import ApiGateway, { type GatewayResponse, type IncomingRequest } from "moleculer-web";
import { fail, forbidden, invalid } from "../../../lib/errors.ts";
import { newId } from "../../../lib/ids.ts";
import type { CallerMeta } from "../../../lib/moleculer.ts";
import { authenticate, bearerToken } from "../authenticate.ts";
import type { Proxies } from "../client-address.ts";
import type { Health } from "../health.ts";
import type { Limits } from "../limits.ts";
import { isFault, wireError } from "../wire-error.ts";
import { send, sendProblem, sendResult } from "./answer.ts";
import { hasBody, readBody, unreadable } from "./body.ts";
import { restParams, takesBody } from "./params.ts";
import { contractOf, restAliases } from "./routes.ts";

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

interface Alias {
	action: string | null;
	method: string;
	isMethod(method: string): boolean;
	match(url: string): Record<string, string> | false;
}

type Door = Service &
	RestVars & {
		aliases: Alias[];
		allowedMethods(url: string): string[];
		sendError(req: Request, res: ServerResponse, err: unknown): void;
	};
type Request = Omit<IncomingRequest, "query" | "$ctx"> & {
	query: URLSearchParams;
	$ctx?: Context<unknown, CallerMeta>;
};

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
					authentication: true,
					authorization: true,
					...BARE,
				},
				{ path: "/", mappingPolicy: "restrict", aliases: aliasesOf(pages), ...BARE },
			],
			rootCallOptions: (options: { requestID?: string }) => {
				// A client that chooses its trace's name could write into other people's.
				options.requestID = newId();
			},
			// URLs may hold what their sender takes for private, so none is logged.
			logRequest: null,
			logRequestParams: null,
			logResponse: null,
			logRouteRegistration: null,
			$secureSettings: ["routes", "rootCallOptions"],
		},
		actions: { listAliases: false, addRoute: false, removeRoute: false } as const,
		methods,
	};
}

/** Bodies are read after the caller is known, and never merged with the query. */
const BARE = { bodyParsers: false, mergeParams: false, logging: false } as const;

const methods = {
	parseQueryString({ url }: IncomingMessage) {
		const [path = "", query = ""] = splitOnce(url ?? "", "?");
		return { url: path, query: new URLSearchParams(query) };
	},

	/** HEAD is asked where GET is. A method that is missing matches nothing: upstream would take it for GET. */
	resolveAlias(this: Door, url: string, method?: string) {
		const wanted = method === "HEAD" ? "GET" : method;
		if (wanted === undefined) return false;
		for (const alias of this.aliases) {
			const params = alias.isMethod(wanted) && matched(alias, url);
			if (params) return { alias, params };
		}
		return false;
	},

	async authenticate(
		this: Door,
		ctx: Context<unknown, CallerMeta>,
		_route: unknown,
		req: Request,
		_res: unknown,
		alias: Alias,
	) {
		if (alias.action === null) return null;
		ctx.meta.address = this.proxies.addressOf(req);
		const userAgent = req.headers["user-agent"]?.slice(0, USER_AGENT_MAX);
		if (userAgent !== undefined) ctx.meta.userAgent = userAgent;
		if (contractOf(alias.action).auth === "public") return null;
		const { meta } = await authenticate(ctx, bearerToken(req.headers.authorization));
		ctx.meta.sessionId = meta.sessionId ?? null;
		return meta.user;
	},

	/** All that stands between a known caller and the action: right, rate, and params. */
	async authorize(
		this: Door,
		ctx: Context<unknown, CallerMeta>,
		_route: unknown,
		req: Request,
		_res: unknown,
		alias: Alias,
	) {
		if (alias.action === null) return;
		const contract = contractOf(alias.action);
		const { user, address = "" } = ctx.meta;
		if (contract.rate) await this.limits.take(contract.rate, { userId: user?.id, address });
		if (contract.auth === "admin" && !user.admin) throw forbidden("Only an administrator may ask for this.");
		if (!takesBody(req.method) && hasBody(req)) throw invalid("body", `A ${req.method} takes no body.`);
		const key = req.headers["idempotency-key"];
		req.$params = restParams(contract, req.method, {
			path: req.$params.params,
			query: req.query,
			body: takesBody(req.method) ? await readBody(req) : {},
			key: Array.isArray(key) ? key.join() : key,
		});
	},

	sendResponse(req: Request, res: GatewayResponse, result: unknown, action: { name: string }) {
		sendResult(res, contractOf(action.name), req.$ctx?.meta ?? {}, result);
	},

	send404(this: Door, req: Request, res: GatewayResponse) {
		const allowed = this.allowedMethods(req.parsedUrl ?? "");
		if (allowed.length > 0) res.setHeader("Allow", allowed.join(", "));
		if (allowed.length > 0 && req.method === "OPTIONS") send(res, 204);
		else if (allowed.length > 0) this.sendError(req, res, fail("METHOD_NOT_ALLOWED"));
		else this.sendError(req, res, fail("NOT_FOUND", "There is no such path."));
	},

	allowedMethods(this: Door, url: string): string[] {
		const found = this.aliases.filter(alias => matched(alias, url)).map(({ method }) => method);
		return [...new Set(found.flatMap(method => (method === "GET" ? ["GET", "HEAD"] : [method])))];
	},

	errorHandler(this: Door, req: Request, res: GatewayResponse, err: unknown) {
		this.sendError(req, res, err);
	},

	sendError(this: Door, req: Request, res: GatewayResponse, err: unknown) {
		const wire = wireError(err);
		const traceId = req.$ctx?.requestID ?? newId();
		if (isFault(wire))
			this.logger.error(`REST ${req.method} ${req.$route?.path ?? ""} failed.`, { traceId }, err);
		sendProblem(req as unknown as IncomingMessage, res, wire, traceId);
	},
};

/** An alias's params, or false; a path that cannot be decoded is nobody's. */
function matched(alias: Alias, url: string) {
	try {
		return alias.match(url);
	} catch {
		throw unreadable("The path has a part that cannot be decoded.");
	}
}

function aliasesOf(pages: Record<string, Page>) {
	// Upstream calls an alias on the service.
	return Object.fromEntries(
		Object.entries(pages).map(([path, page]) => [
			`GET ${path}`,
			function (this: Served, req: IncomingMessage, res: ServerResponse, next: (err: unknown) => void) {
				Promise.resolve()
					.then(() => page(req, res, this))
					.catch(next);
			},
		]),
	);
}

function splitOnce(text: string, mark: string): [string, string] {
	const at = text.indexOf(mark);
	return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}
