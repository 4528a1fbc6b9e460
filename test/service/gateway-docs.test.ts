import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Validator } from "@seriousme/openapi-schema-validator";
import { ERRORS } from "../../contracts/errors.ts";
import { OVER_REST } from "../../contracts/index.ts";
import { startGateway } from "../support/gateway.ts";
import { launchChromium } from "../support/page.ts";

type Gateway = Awaited<ReturnType<typeof startGateway>>;
let gateway: Gateway;

// biome-ignore lint/suspicious/noExplicitAny: a test walks through the document as it comes
let document: any;

beforeAll(async () => {
	gateway = await startGateway();
	document = (await gateway.nobody.get("/openapi.json")).body;
});
afterAll(() => gateway?.stop());

/** `GET /chats/:chatId` → the operation. */
function operationOf(rest: string) {
	const [method = "", path = ""] = rest.split(" ");
	return document.paths[path.replace(/:(\w+)/g, "{$1}")]?.[method.toLowerCase()];
}

test("the document is OpenAPI 3.1", async () => {
	const { valid, errors } = await new Validator().validate(structuredClone(document));
	expect(errors).toBeUndefined();
	expect(valid).toBe(true);
	expect(document.openapi).toMatch(/^3\.1\./);
});

test("every reference leads somewhere", () => {
	const refs = [...JSON.stringify(document).matchAll(/"#\/([^"]+)"/g)].map(([, path = ""]) => path);
	expect(refs.length).toBeGreaterThan(100);
	for (const path of new Set(refs)) {
		const found = path.split("/").reduce((part, key) => part?.[key], document);
		expect([path, found === undefined]).toEqual([path, false]);
	}
});

for (const contract of OVER_REST) {
	test(`${contract.rest} is described`, () => {
		const operation = operationOf(contract.rest as string);
		expect(operation).toMatchObject({
			operationId: contract.action,
			description: expect.stringContaining(contract.doc),
		});
		expect(operation.security).toEqual(contract.auth === "public" ? [] : undefined);
		const success = operation.responses[contract.status ?? 200];
		if (contract.status === 204) expect(success.content).toBeUndefined();
		else expect(Object.keys(success.content["application/json"].schema)).not.toHaveLength(0);
	});
}

test("nothing else is described but health", () => {
	const described = Object.entries(document.paths).flatMap(([path, item]) =>
		Object.keys(item as object)
			.filter(key => /^(get|post|put|patch|delete)$/.test(key))
			.map(method => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ":$1")}`),
	);
	const published = OVER_REST.map(({ rest }) => rest);
	expect(described.filter(rest => !published.includes(rest)).sort()).toEqual([
		"GET /health",
		"GET /health/liveness",
		"GET /health/readiness",
	]);
});

test("what the validator checks is what the document says", () => {
	const send = operationOf("POST /chats/:chatId/messages");
	const { properties, required, additionalProperties } = send.requestBody.content["application/json"].schema;
	expect(additionalProperties).toBe(false);
	expect(required).toEqual(["content"]);
	expect(properties.content).toMatchObject({ type: "string", minLength: 1, maxLength: 16_384 });
	expect(properties.mentions).toMatchObject({ type: "array", maxItems: 50, uniqueItems: true });
	expect(properties).not.toHaveProperty("clientId");
	expect(send.parameters.map(({ name }: { name: string }) => name)).toEqual(["chatId", "Idempotency-Key"]);
	const history = operationOf("GET /chats/:chatId/messages");
	expect(history.parameters).toContainEqual({
		name: "limit",
		in: "query",
		required: false,
		schema: { type: "integer", minimum: 1, maximum: 200 },
	});
});

test("every code of the catalogue is explained under its status", () => {
	for (const [code, { status }] of Object.entries(ERRORS))
		expect(document.components.responses[`Problem${status}`].description).toContain(code);
});

test("the page's parts come compressed where the browser takes that", async () => {
	const { headers, status } = await fetch(`${gateway.url}/docs/reference.js`);
	expect([status, headers.get("content-encoding")]).toEqual([200, "gzip"]);
});

test("the page shows the API in a browser and asks no other host", async () => {
	const browser = await launchChromium();
	try {
		const page = await browser.newPage();
		const asked: string[] = [];
		const complaints: string[] = [];
		page.on("request", request => asked.push(request.url()));
		page.on("console", message => message.type() === "error" && complaints.push(message.text()));
		page.on("pageerror", error => complaints.push(String(error)));
		await page.goto(`${gateway.url}/docs`);
		await page.getByText("Signs in with a username or an e-mail").first().waitFor();
		await page.waitForTimeout(1_000);
		const foreign = asked.filter(url => !url.startsWith(gateway.url) && !/^(data|blob):/.test(url));
		expect(foreign).toEqual([]);
		expect(complaints).toEqual([]);
		if (process.env.TEST_SCREENSHOTS) {
			for (const width of [1_400, 400]) {
				await page.setViewportSize({ width, height: 900 });
				await page.screenshot({ path: `${process.env.TEST_SCREENSHOTS}/docs-${width}.png` });
			}
		}
	} finally {
		await browser.close();
	}
}, 60_000);
