/** `GET /api/openapi.json` and the page that shows it; the page's script is our own copy, and asks no other host. */
import { readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { send } from "../rest/answer.ts";
import type { Page } from "../rest/index.ts";
import { openApiDocument } from "./openapi.ts";

const SCRIPT = new URL(
	"../../../node_modules/@scalar/api-reference/dist/browser/standalone.js",
	import.meta.url,
);

/** Everything from here: no other host is asked, and nobody may frame the page. Styles are made at run time. */
const POLICY = [
	"default-src 'none'",
	"script-src 'self'",
	"style-src 'self' 'unsafe-inline'",
	"img-src 'self' data: blob:",
	"font-src 'self' data:",
	"connect-src 'self'",
	"base-uri 'none'",
	"form-action 'none'",
	"frame-ancestors 'none'",
].join("; ");

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Parley API</title>
<link rel="icon" href="data:,">
</head>
<body>
<div id="app"></div>
<noscript>This page needs JavaScript. The same is said by <a href="/api/openapi.json">openapi.json</a>.</noscript>
<script src="/docs/reference.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`;

/** What would ask another host, or offer to, is off. */
const START = `Scalar.createApiReference("#app", ${JSON.stringify({
	url: "/api/openapi.json",
	withDefaultFonts: false,
	telemetry: false,
	proxyUrl: "",
	agent: { disabled: true },
	mcp: { disabled: true },
	hideClientButton: true,
	showDeveloperTools: "never",
	defaultHttpClient: { targetKey: "js", clientKey: "fetch" },
	metaData: { title: "Parley API" },
})});
`;

type Text = { plain: Buffer; zipped: Buffer };

/** Made once, when first asked for; it does not change while the process runs. */
function once(make: () => Promise<string | Buffer>): () => Promise<Text> {
	let kept: Promise<Text> | null = null;
	const fresh = async () => {
		const plain = Buffer.from(await make());
		return { plain, zipped: await promisify(gzip)(plain) };
	};
	return () => {
		kept ??= fresh().catch(err => {
			kept = null;
			throw err;
		});
		return kept;
	};
}

const openApi = once(async () => JSON.stringify(openApiDocument()));
const script = once(() => readFile(SCRIPT));

async function sendText(req: IncomingMessage, res: ServerResponse, text: () => Promise<Text>, type: string) {
	const { plain, zipped } = await text();
	const takesZipped = /\bgzip\b/.test(String(req.headers["accept-encoding"] ?? ""));
	if (takesZipped) res.setHeader("Content-Encoding", "gzip");
	res.appendHeader("Vary", "Accept-Encoding");
	res.setHeader("Cache-Control", "public, max-age=300");
	send(res, 200, takesZipped ? zipped : plain, type);
}

function sendPage(_req: IncomingMessage, res: ServerResponse): void {
	res.setHeader("Content-Security-Policy", POLICY);
	send(res, 200, PAGE, "text/html; charset=utf-8");
}

const JS = "text/javascript; charset=utf-8";

export const docsPages: Record<string, Page> = {
	"/docs": sendPage,
	"/docs/start.js": (_req, res) => send(res, 200, START, JS),
	"/docs/reference.js": (req, res) => sendText(req, res, script, JS),
};

export const apiPages: Record<string, Page> = {
	"/openapi.json": (req, res) => sendText(req, res, openApi, "application/json; charset=utf-8"),
};
