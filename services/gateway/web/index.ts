/** The web client at `/`: its files, and its page for every path of its own, which it tells apart itself. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { fail } from "../../../lib/errors.ts";
import { newId } from "../../../lib/ids.ts";
import { send, sendProblem } from "../rest/answer.ts";
import { wireError } from "../wire-error.ts";
import { type WebFile, WebFolder } from "./files.ts";

/** What lies below these is never the web client's, whether it is there or not. */
const NOT_OURS = /^\/(?:api|dev|docs|health|metrics|socket\.io)(?:\/|$)/;
const YEAR_S = 31_536_000;

/**
 * Everything from here, nothing in line, and nobody may frame it. Pictures of other hosts stay out: whoever set one as
 * their avatar would see who looks at it. `'self'` covers the websocket.
 */
const POLICY = [
	"default-src 'none'",
	"script-src 'self'",
	"style-src 'self'",
	"img-src 'self' data: blob:",
	"font-src 'self'",
	"connect-src 'self'",
	"manifest-src 'self'",
	"worker-src 'self'",
	"base-uri 'none'",
	"form-action 'none'",
	"frame-ancestors 'none'",
].join("; ");

const MISSING = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Parley</title>
<link rel="icon" href="data:,">
</head>
<body>
<h1>Parley is running; its web client is not built</h1>
<p>In the folder of the server, run <code>npm run build</code>, then load this page again.</p>
<p><a href="/docs">API documentation</a></p>
</body>
</html>
`;

export class WebClient {
	readonly #folder: WebFolder;

	/** `folder` is where the build is, or will be. */
	constructor(folder: string) {
		this.#folder = new WebFolder(folder);
	}

	/** Answers what is the web client's; `others` get what is not. */
	serve(req: IncomingMessage, res: ServerResponse, others: () => void): void {
		const [path = ""] = (req.url ?? "").split("?");
		if (!path.startsWith("/") || NOT_OURS.test(path)) others();
		else void this.#serve(path, req, res, others);
	}

	async #serve(path: string, req: IncomingMessage, res: ServerResponse, others: () => void): Promise<void> {
		try {
			if (!(await this.#answer(path, req, res))) others();
		} catch (err) {
			sendProblem(req, res, wireError(err), newId());
		}
	}

	/** Resolves with false where there is nothing of ours at this path. */
	async #answer(path: string, req: IncomingMessage, res: ServerResponse): Promise<boolean> {
		const files = await this.#folder.files();
		const file = files?.get(path) ?? (isView(path, req) ? files?.get("/index.html") : undefined);
		if (!file && (files || !isView(path, req))) return false;
		if (req.method !== "GET" && req.method !== "HEAD") {
			res.setHeader("Allow", "GET, HEAD");
			throw fail("METHOD_NOT_ALLOWED");
		}
		res.setHeader("Content-Security-Policy", POLICY);
		if (file) await sendFile(file, req, res);
		else send(res, 503, MISSING, "text/html; charset=utf-8");
		return true;
	}
}

/** The root, or what a person asked for: programs that get a path wrong are told so by the API's 404. */
function isView(path: string, req: IncomingMessage): boolean {
	if (path === "/") return true;
	const isFile = /\.[^/]*$/.test(path);
	return !isFile && /\btext\/html\b/.test(req.headers.accept ?? "");
}

async function sendFile(file: WebFile, req: IncomingMessage, res: ServerResponse): Promise<void> {
	const { plain, zipped, etag } = await file.content();
	res.appendHeader("Vary", "Accept-Encoding");
	res.setHeader("Cache-Control", file.immutable ? `public, max-age=${YEAR_S}, immutable` : "no-cache");
	res.setHeader("ETag", etag);
	if (isKnown(etag, req.headers["if-none-match"])) return send(res, 304);
	const takesZipped = zipped !== null && /\bgzip\b/.test(String(req.headers["accept-encoding"] ?? ""));
	if (takesZipped) res.setHeader("Content-Encoding", "gzip");
	send(res, 200, takesZipped ? zipped : plain, file.type);
}

function isKnown(etag: string, known: string | undefined): boolean {
	return known?.split(",").some(tag => tag.trim() === etag) ?? false;
}
