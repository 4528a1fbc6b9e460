/** Whose pages may call: the origin that serves them itself, and those that the configuration lists. Both doors ask here. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Proxies } from "./client-address.ts";

const METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE";
const ALLOWED_HEADERS = "Authorization, Content-Type, Idempotency-Key";
const EXPOSED_HEADERS = "Retry-After, Idempotent-Replayed, X-Request-ID, Allow";
const PREFLIGHT_MAX_AGE_S = "600";

export class Origins {
	readonly #listed: ReadonlySet<string>;
	readonly #proxies: Proxies;

	constructor(listed: readonly string[], proxies: Proxies) {
		this.#listed = new Set(listed);
		this.#proxies = proxies;
	}

	/** Origins are compared whole: a look-alike that begins or ends like a listed one is another, and `null` is nobody's. */
	allows(req: IncomingMessage): boolean {
		const { origin } = req.headers;
		return origin === undefined || this.#listed.has(origin) || this.#isOwn(origin, req);
	}

	/** Headers that let a listed origin read the answer. */
	write(req: IncomingMessage, res: ServerResponse): void {
		res.setHeader("Vary", "Origin");
		const { origin } = req.headers;
		if (origin === undefined || !this.#listed.has(origin)) return;
		res.setHeader("Access-Control-Allow-Origin", origin);
		res.setHeader("Access-Control-Allow-Credentials", "true");
		res.setHeader("Access-Control-Expose-Headers", EXPOSED_HEADERS);
		if (!isPreflight(req)) return;
		res.setHeader("Access-Control-Allow-Methods", METHODS);
		res.setHeader("Access-Control-Allow-Headers", ALLOWED_HEADERS);
		res.setHeader("Access-Control-Max-Age", PREFLIGHT_MAX_AGE_S);
	}

	#isOwn(origin: string, req: IncomingMessage): boolean {
		const url = URL.parse(origin);
		return url !== null && /^https?:$/.test(url.protocol) && url.host === this.#proxies.hostOf(req);
	}
}

export function isPreflight({ method, headers }: IncomingMessage): boolean {
	return method === "OPTIONS" && headers["access-control-request-method"] !== undefined;
}
