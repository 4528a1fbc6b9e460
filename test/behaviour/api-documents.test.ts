import { expect, test } from "@jest/globals";
import { PUBLISHED } from "../../contracts/index.ts";
import { answerOf } from "../support/http.ts";
import { urls } from "../support/people.ts";

const get = async (path: string, at = urls()[0] as string) => answerOf(await fetch(`${at}${path}`));

test("the OpenAPI document has every REST call of the contracts, and no other", async () => {
	const { status, headers, body } = await get("/api/openapi.json");
	expect(status).toBe(200);
	expect(headers.get("content-type")).toMatch(/^application\/json/);
	expect(body.openapi).toMatch(/^3\.1/);
	const described = Object.entries(body.paths as Record<string, object>).flatMap(([path, methods]) =>
		Object.keys(methods)
			.filter(method => /^(get|post|put|patch|delete)$/.test(method))
			.map(method => `${method.toUpperCase()} ${path}`),
	);
	const [server = { url: "" }] = body.servers ?? [];
	const prefix = server.url.endsWith("/api") ? "" : "/api";
	const published = PUBLISHED.flatMap(({ rest }) => {
		const [method, path = ""] = rest?.split(" ") ?? [];
		return method ? [`${method} ${prefix}${path.replace(/:(\w+)/g, "{$1}")}`] : [];
	});
	expect(published.filter(call => !described.includes(call))).toEqual([]);
	const others = described.filter(call => !published.includes(call));
	expect(others.filter(call => !/^GET .*(health|openapi|docs)/.test(call))).toEqual([]);
});

test("the documentation is a page that asks no other host", async () => {
	const { status, headers, body } = await get("/docs");
	expect(status).toBe(200);
	expect(headers.get("content-type")).toMatch(/^text\/html/);
	expect(headers.get("content-security-policy")).toContain("default-src 'none'");
	const sources = [...String(body).matchAll(/(?:src|href)="([^"]+)"/g)].map(([, source]) => source as string);
	for (const source of sources.filter(text => text.startsWith("/")))
		expect((await get(source)).status).toBe(200);
	expect(sources.filter(text => /^(https?:)?\/\//.test(text))).toEqual([]);
});

test("each node says that it lives and is ready, without a token, and names no host", async () => {
	for (const at of urls()) {
		expect(await get("/health/liveness", at)).toMatchObject({ status: 200, body: { status: "ok" } });
		for (const path of ["/health", "/health/readiness"]) {
			const { status, body } = await get(path, at);
			expect([status, body.status]).toEqual([200, "ok"]);
			expect(body.down).toEqual([]);
			expect(JSON.stringify(body)).not.toMatch(/127\.0\.0\.1|localhost|\d{4,5}/);
		}
	}
});
