/** What every answer says of itself, whatever it answers, and whom REST believes for how long. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { ANN, startGateway } from "../support/gateway.ts";

type Gateway = Awaited<ReturnType<typeof startGateway>>;
let gateway: Gateway;

const CHAT = "01900000-0000-7000-8000-0000000000c1";
const SESSION = "01900000-0000-7000-8000-0000000000e1";

let verified: string[] = [];
let live = true;

beforeAll(async () => {
	gateway = await startGateway({
		"auth.verify": async ({ params }) => {
			verified.push(String(params.token));
			const seen = live;
			await new Promise(resolve => setImmediate(resolve));
			if (!seen) throw Object.assign(new Error("over"), { type: "UNAUTHENTICATED", code: 401 });
			const expiresAt = Date.now() + (params.token === "short" ? 0 : 60_000);
			return { userId: ANN, sessionId: SESSION, expiresAt, admin: false };
		},
	});
});
afterAll(() => gateway?.stop());

const ALWAYS = {
	"content-security-policy": "default-src 'none';frame-ancestors 'none'",
	"cross-origin-opener-policy": "same-origin",
	"cross-origin-resource-policy": "same-site",
	"origin-agent-cluster": "?1",
	"referrer-policy": "no-referrer",
	"strict-transport-security": "max-age=31536000; includeSubDomains",
	"x-content-type-options": "nosniff",
	"x-dns-prefetch-control": "off",
	"x-download-options": "noopen",
	"x-frame-options": "SAMEORIGIN",
	"x-permitted-cross-domain-policies": "none",
	"x-xss-protection": "0",
	"x-powered-by": null,
	vary: expect.stringMatching(/^Origin\b/),
};

const signedIn = { authorization: "Bearer any" };
const json = { ...signedIn, "content-type": "application/json" };
const preflight = { origin: "https://a.example", "access-control-request-method": "POST" };

test.each<
	[status: number, method: string, path: string, sent: { headers: Record<string, string>; body?: string }]
>([
	[200, "GET", "/api/inbox", { headers: signedIn }],
	[200, "HEAD", "/api/inbox", { headers: signedIn }],
	[201, "POST", `/api/chats/${CHAT}/messages`, { headers: json, body: '{"content":"hello"}' }],
	[204, "POST", "/api/auth/logout", { headers: signedIn }],
	[204, "OPTIONS", "/api/inbox", { headers: {} }],
	[403, "OPTIONS", "/api/inbox", { headers: preflight }],
	[200, "GET", "/health/liveness", { headers: {} }],
	[200, "GET", "/api/openapi.json", { headers: {} }],
	[400, "POST", "/api/chats", { headers: json, body: "{" }],
	[400, "GET", "/api/users/%ff", { headers: signedIn }],
	[401, "GET", "/api/inbox", { headers: {} }],
	[404, "GET", "/api/nothing", { headers: signedIn }],
	[404, "GET", "/nothing", { headers: {} }],
	[405, "DELETE", "/api/inbox", { headers: signedIn }],
	[415, "POST", "/api/chats", { headers: signedIn, body: "{}" }],
	[422, "GET", "/api/inbox?limit=x", { headers: signedIn }],
])("%d to %s %s has the headers of every answer", async (status, method, path, sent) => {
	const response = await fetch(gateway.url + path, { method, ...sent });
	expect(response.status).toBe(status);
	const found = Object.keys(ALWAYS).map(name => [name, response.headers.get(name)]);
	expect(Object.fromEntries(found)).toEqual(ALWAYS);
});

test("a path is found in any case and with a slash at its end, and a fixed name before a parameter", async () => {
	const actionOf = async (method: string, path: string) =>
		(await gateway.nobody.as("any").ask(method, path)).body.action;
	expect(await actionOf("GET", "/users/me")).toBe("users.me");
	expect(await actionOf("GET", "/USERS/Me/")).toBe("users.me");
	expect(await actionOf("GET", `/users/${ANN}`)).toBe("users.get");
	expect(await actionOf("PUT", `/messages/${CHAT}/pin`)).toBe("messages.pin");
	expect(await actionOf("PUT", `/messages/${CHAT}/reactions/%2Fpin`)).toBe("messages.react");
	expect(await actionOf("GET", "/chats//messages")).toBeUndefined();
});

test("T4: a token that comes again is believed for a moment, and no longer once its session has ended", async () => {
	const caller = gateway.nobody.as("again");
	const statuses = async (times: number) => {
		const answers = await Promise.all(Array.from({ length: times }, () => caller.get("/users/me")));
		return new Set(answers.map(({ status }) => status));
	};
	expect(await statuses(1)).toEqual(new Set([200]));
	verified = [];
	expect(await statuses(20)).toEqual(new Set([200]));
	expect(verified).toEqual([]);
	// Its check began before the end, and is answered after it.
	const late = gateway.nobody.as("late").get("/users/me");
	for (let turns = 0; verified.length === 0 && turns < 2_000; turns++) await sleep(1);
	live = false;
	await gateway.broker.broadcast("sessions.ended", { userId: ANN, sessionIds: [SESSION] });
	await late;
	expect(await statuses(3)).toEqual(new Set([401]));
	expect((await gateway.nobody.as("late").get("/users/me")).status).toBe(401);
	live = true;
});

test("a token is not believed beyond its own end", async () => {
	verified = [];
	for (let times = 0; times < 2; times++) await gateway.nobody.as("short").get("/users/me");
	expect(verified).toEqual(["short", "short"]);
});

test("an answer says how long it is, whatever its words and its length", async () => {
	for (const words of ["short", "kurz und schön", "y".repeat(5_000), "👍".repeat(6_000)]) {
		const response = await fetch(`${gateway.url}/api/chats/${CHAT}/messages`, {
			method: "POST",
			headers: json,
			body: JSON.stringify({ content: words }),
		});
		const bytes = Buffer.from(await response.arrayBuffer());
		expect(JSON.parse(bytes.toString()).params.content).toBe(words);
		expect(response.headers.get("content-length")).toBe(String(bytes.length));
	}
});
