/** The web client at `/`, from a folder that stands for a build. */
import "../support/env.ts";
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Proxies } from "../../services/gateway/client-address.ts";
import { HttpServer } from "../../services/gateway/http-server.ts";
import { Origins } from "../../services/gateway/origins.ts";
import { WebClient } from "../../services/gateway/web/index.ts";
import { startGateway } from "../support/gateway.ts";

const outer = mkdtempSync(join(tmpdir(), "parley-web-"));
const folder = join(outer, "dist");
let http: HttpServer;
let port: number;
let url: string;

beforeAll(async () => {
	mkdirSync(join(folder, "assets"), { recursive: true });
	writeFileSync(join(folder, "index.html"), `<!doctype html><title>one</title>${" ".repeat(500)}`);
	writeFileSync(join(folder, "sw.js"), "self.x = 1;");
	writeFileSync(join(folder, "assets/app-a1B2.js"), "x".repeat(2_000));
	writeFileSync(join(folder, "icon.png"), "no picture");
	writeFileSync(join(folder, ".stamp.json"), "hidden");
	writeFileSync(join(folder, "notes"), "of no known type");
	writeFileSync(join(outer, "secret.txt"), "of the machine");
	const proxies = new Proxies([]);
	const web = new WebClient(folder);
	http = new HttpServer(new Origins([], proxies), (req, res) =>
		web.serve(req, res, () => res.writeHead(404).end("another door")),
	);
	await http.listen(0, "127.0.0.1");
	port = (http.server.address() as AddressInfo).port;
	url = `http://127.0.0.1:${port}`;
});
afterAll(async () => {
	http?.drain();
	await http?.finish(0);
	rmSync(outer, { recursive: true, force: true });
});

const HTML = { accept: "text/html,application/xhtml+xml,*/*;q=0.8" };
const get = (path: string, headers: Record<string, string> = {}) => fetch(url + path, { headers });

test("the page comes for the root, and for a path of its own where a person asks", async () => {
	for (const [path, headers] of [
		["/", {}],
		["/?chat=1", {}],
		["/chats/1", HTML],
		["/apiary", HTML],
	] as const) {
		const response = await get(path, headers);
		expect([path, response.status, response.headers.get("cache-control")]).toEqual([path, 200, "no-cache"]);
		expect(await response.text()).toContain("<title>one</title>");
	}
});

test("other doors' paths, files that are not there, and programs that err get no page", async () => {
	const theirs = [
		"/api",
		"/api/nowhere",
		"/socket.io/x",
		"/docs/x",
		"/health/x",
		"/metrics",
		"/dev/people.json",
	];
	for (const path of [...theirs, "/assets/gone.js", "/robots.txt"])
		expect([path, await (await get(path, HTML)).text()]).toEqual([path, "another door"]);
	expect(await (await get("/chats/1", { accept: "application/json" })).text()).toBe("another door");
});

test("the policy lets nothing in but the server's own files, and no script in line", async () => {
	for (const path of ["/", "/assets/app-a1B2.js", "/sw.js"]) {
		const { headers } = await get(path);
		const policy = headers.get("content-security-policy") ?? "";
		expect(policy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self'; /);
		expect(policy).toContain("frame-ancestors 'none'");
		expect(policy).not.toMatch(/unsafe|https?:|\*/);
		expect(headers.get("x-content-type-options")).toBe("nosniff");
	}
});

test("what has a hash in its name is kept for ever, all else is asked about each time", async () => {
	const asset = await get("/assets/app-a1B2.js");
	expect(asset.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
	expect(asset.headers.get("content-type")).toBe("text/javascript; charset=utf-8");
	const worker = await get("/sw.js");
	expect(worker.headers.get("cache-control")).toBe("no-cache");
	const again = await get("/sw.js", { "if-none-match": worker.headers.get("etag") ?? "" });
	expect([again.status, await again.text()]).toEqual([304, ""]);
	expect((await get("/sw.js", { "if-none-match": 'W/"other"' })).status).toBe(200);
});

test("text comes compressed where the browser takes that, pictures as they are", async () => {
	const coded = async (path: string, accept: string) => {
		const { headers, status } = await get(path, { "accept-encoding": accept });
		return [status, headers.get("content-encoding"), headers.get("vary")];
	};
	expect(await coded("/assets/app-a1B2.js", "br, gzip")).toEqual([200, "gzip", "Origin, Accept-Encoding"]);
	expect(await coded("/assets/app-a1B2.js", "identity")).toEqual([200, null, "Origin, Accept-Encoding"]);
	expect(await coded("/icon.png", "gzip")).toEqual([200, null, "Origin, Accept-Encoding"]);
});

/** The whole answer, of a request that no client would tidy up. */
async function answerTo(path: string): Promise<string> {
	const socket = connect(port, "127.0.0.1");
	socket.end(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
	let answer = "";
	for await (const chunk of socket) answer += chunk;
	return answer;
}

test("no path leads out of the folder, or to what is hidden in it", async () => {
	const paths = ["/../secret.txt", "/assets/../../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt"];
	paths.push("/..\\secret.txt", "//secret.txt", "/.stamp.json", "/notes", "/assets", `/${outer}/secret.txt`);
	paths.push("/%", "/%00", "/assets/app-a1B2.js/..");
	for (const path of paths) {
		expect([path, await answerTo(path)]).toEqual([
			path,
			expect.stringMatching(/^HTTP\/1\.1 404 [\s\S]*another door/),
		]);
	}
});

test("it is asked by GET and HEAD only", async () => {
	const head = await fetch(`${url}/sw.js`, { method: "HEAD", headers: { "accept-encoding": "identity" } });
	expect([head.status, head.headers.get("content-length"), await head.text()]).toEqual([200, "11", ""]);
	for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
		const response = await fetch(`${url}/`, { method });
		expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
		expect(await response.json()).toMatchObject({ code: "METHOD_NOT_ALLOWED" });
	}
});

test("a new build is noticed, and so is that there is none", async () => {
	const title = async () => /<title>(.*)<\/title>/.exec(await (await get("/")).text())?.[1];
	const until = async (wanted: string) => {
		for (const deadline = Date.now() + 10_000; (await title()) !== wanted && Date.now() < deadline; )
			await new Promise(resolve => setTimeout(resolve, 100));
		expect(await title()).toBe(wanted);
	};
	writeFileSync(join(folder, "index.html"), "<!doctype html><title>two</title>");
	utimesSync(join(folder, "index.html"), 1, 1);
	await until("two");
	rmSync(join(folder, "index.html"));
	await until("Parley");
	const { status, headers } = await get("/");
	expect([status, headers.get("cache-control")]).toEqual([503, "no-store"]);
	expect(await (await get("/")).text()).toContain("npm run build");
});

test("the gateway leaves the API's 404 to the API", async () => {
	const gateway = await startGateway();
	try {
		for (const path of ["/api/nowhere", "/docs/nowhere", "/health/nowhere"]) {
			const response = await fetch(gateway.url + path, { headers: HTML });
			expect([response.status, (await response.json()).code]).toEqual([404, "NOT_FOUND"]);
		}
	} finally {
		await gateway.stop();
	}
});
