import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { OVER_REST } from "../../contracts/index.ts";
import { fail } from "../../lib/errors.ts";
import { ANN, BOB, type Echo, startGateway } from "../support/gateway.ts";

type Gateway = Awaited<ReturnType<typeof startGateway>>;
let gateway: Gateway;

const CHAT = "01900000-0000-7000-8000-0000000000c1";

beforeAll(async () => {
	gateway = await startGateway({
		"chats.create": ctx => {
			if (ctx.params.name === "repeated") ctx.meta.replayed = true;
			if (ctx.params.name === "known") ctx.meta.existed = true;
			return { action: "chats.create", params: ctx.params, meta: ctx.meta };
		},
		"chats.get": () => {
			throw fail("UNAVAILABLE", undefined, { retryAfter: 7 });
		},
	});
});
afterAll(() => gateway?.stop());

/** Some path that the contract's pattern takes. */
const pathOf = (rest: string) => (rest.split(" ")[1] ?? "").replace(/:\w+/g, CHAT);
const methodOf = (rest: string) => rest.split(" ")[0] ?? "";

test.each(OVER_REST.map(({ rest = "", auth = "required" }): [string, string] => [rest, auth]))(
	"T1: %s lets in nobody without a token, unless it is public",
	async (rest, auth) => {
		const { status, body } = await gateway.nobody.ask(methodOf(rest), pathOf(rest));
		if (auth === "public") expect(body.code).toBe("VALIDATION_ERROR");
		else expect([status, body.code]).toEqual([401, "UNAUTHENTICATED"]);
	},
);

test("an action is asked with the path's and the body's fields, by its user", async () => {
	const { status, body } = await gateway.ann.post<Echo>(`/chats/${CHAT}/messages`, { content: "hello" });
	expect(status).toBe(201);
	expect(body.action).toBe("messages.send");
	expect(body.params).toMatchObject({ chatId: CHAT, content: "hello" });
	expect(body.meta.user).toEqual({ id: ANN, admin: false });
});

test("numbers and booleans in a query become what the contract calls them", async () => {
	const { status, body } = await gateway.ann.get<Echo>(`/chats/${CHAT}/messages?before=12&limit=5`);
	expect([status, body.params]).toEqual([200, { chatId: CHAT, before: 12, limit: 5 }]);
});

test.each([
	"limit=five",
	"limit=",
	"limit=1e1",
	"limit=0x10",
	"limit=201",
	"limit=-1",
	"limit=1.5",
	"limit=5&limit=6",
])("a query with %s is refused by name", async query => {
	const { status, body } = await gateway.ann.get(`/chats/${CHAT}/messages?${query}`);
	expect([status, body.code, body.errors[0].field]).toEqual([422, "VALIDATION_ERROR", "limit"]);
});

test("what the path names wins over the body and the query", async () => {
	const other = "01900000-0000-7000-8000-0000000000c2";
	const sent = await gateway.ann.post<Echo>(`/chats/${CHAT}/messages`, { content: "hello", chatId: other });
	expect(sent.body.params.chatId).toBe(CHAT);
	const listed = await gateway.ann.get<Echo>(`/chats/${CHAT}/members?chatId=${other}`);
	expect(listed.body.params.chatId).toBe(CHAT);
});

test("a key of the caller's makes a repeat safe, and without one the gateway makes one", async () => {
	const withKey = await gateway.ann.post<Echo>(
		"/chats",
		{ participantIds: [BOB] },
		{ "idempotency-key": "k-1" },
	);
	expect(withKey.body.params.clientId).toBe("k-1");
	const without = await gateway.ann.post<Echo>("/chats", { participantIds: [BOB] });
	expect(without.body.params.clientId).toMatch(/^[0-9a-f-]{36}$/);
});

test.each(["", "x".repeat(65)])("a key of a length that is not allowed is refused: '%s'", async key => {
	const { status, body } = await gateway.ann.post(
		"/chats",
		{ participantIds: [] },
		{ "idempotency-key": key },
	);
	expect([status, body.errors[0].field]).toEqual([422, "Idempotency-Key"]);
});

test("a clientId in the body is a field like any other that nobody knows", async () => {
	const { status, body } = await gateway.ann.post("/chats", { participantIds: [], clientId: "mine" });
	expect([status, body.errors[0].field]).toEqual([422, "clientId"]);
});

test("a repeat says that it is one, and answers as the first did", async () => {
	const first = await gateway.ann.post("/chats", { participantIds: [], name: "new" });
	expect([first.status, first.headers.get("idempotent-replayed")]).toEqual([201, null]);
	const again = await gateway.ann.post("/chats", { participantIds: [], name: "repeated" });
	expect([again.status, again.headers.get("idempotent-replayed")]).toEqual([201, "true"]);
});

test("a direct chat that was there already answers 200", async () => {
	const { status } = await gateway.ann.post("/chats", { participantIds: [BOB], name: "known" });
	expect(status).toBe(200);
});

test("the end of a session answers 204 with nothing", async () => {
	const { status, body, headers } = await gateway.ann.post("/auth/logout");
	expect([status, body, headers.get("content-type")]).toEqual([204, undefined, null]);
});

test("null means not given, but where null is a value", async () => {
	const chat = await gateway.ann.post<Echo>("/chats", { participantIds: [], type: null, name: null });
	expect(chat.body.params).toMatchObject({ name: null });
	expect(chat.body.params).not.toHaveProperty("type");
});

test("HEAD answers as GET does, without the body", async () => {
	const { status, body, headers } = await gateway.ann.ask("HEAD", "/users/me");
	expect([status, body]).toEqual([200, undefined]);
	expect(Number(headers.get("content-length"))).toBeGreaterThan(10);
});

test("a path that exists says which methods it has", async () => {
	const { status, body, headers } = await gateway.ann.delete("/users/me");
	expect([status, body.code, headers.get("allow")]).toEqual([405, "METHOD_NOT_ALLOWED", "GET, HEAD, PATCH"]);
	const options = await gateway.nobody.ask("OPTIONS", "/chats");
	expect([options.status, options.headers.get("allow")]).toEqual([204, "POST"]);
});

test.each([
	"/nowhere",
	"/list-aliases",
	"/gateway/rest",
	"/auth/verify",
	"/auth.verify",
	"/~node/list",
	"/$node/health",
	"/chats.rooms",
	"/messages/gap/all",
	"//users/me",
	"/../health/nothing",
])("nothing is reachable that no contract publishes: %s", async path => {
	for (const method of ["GET", "POST"]) {
		const { status, body } = await gateway.ann.ask(method, path);
		expect([status, body.code]).toEqual([404, "NOT_FOUND"]);
	}
});

test("no service answers to the framework's own actions of the gateway", async () => {
	const actions = gateway.broker.registry.actions.list({ onlyLocal: true }).map(({ name }) => name);
	const own = actions.filter(name => name.startsWith("gateway.") && !/^gateway\.(rest)$/.test(name));
	expect(own).not.toEqual(
		expect.arrayContaining([
			"gateway.listAliases",
			"gateway.addRoute",
			"gateway.broadcast",
			"gateway.getClients",
		]),
	);
});

test("only an administrator asks for figures", async () => {
	const refused = await gateway.ann.get("/admin/analytics");
	expect([refused.status, refused.body.code]).toEqual([403, "FORBIDDEN"]);
	expect((await gateway.admin.get("/admin/analytics")).status).toBe(200);
});

test("a token that is over says so; one in the query is not looked at", async () => {
	const over = await gateway.nobody.as("expired:x").get("/users/me");
	expect([over.status, over.body.code]).toEqual([401, "TOKEN_EXPIRED"]);
	const inQuery = await gateway.nobody.get(`/users/me?token=user:${ANN}&access_token=user:${ANN}`);
	expect([inQuery.status, inQuery.body.code]).toEqual([401, "UNAUTHENTICATED"]);
	const both = await gateway.ann.get(`/users/me?access_token=user:${ANN}`);
	expect([both.status, both.body.errors[0].field]).toEqual([422, "access_token"]);
});

test.each([
	`Basic user:${ANN}`,
	`user:${ANN}`,
	"Bearer",
	"Bearer ",
	`Bearer user:${ANN} x`,
	`Bearer ${"x".repeat(9_000)}`,
])("a header that is no bearer token signs nobody in: %#", async authorization => {
	const { status, body } = await gateway.nobody.get("/users/me", { authorization });
	expect([status, body.code]).toEqual([401, "UNAUTHENTICATED"]);
});

test("what is away for a while says when to come again, in body and header", async () => {
	const { status, body, headers } = await gateway.ann.get(`/chats/${CHAT}`);
	expect([status, body.code, body.retryAfter, headers.get("retry-after")]).toEqual([
		503,
		"UNAVAILABLE",
		7,
		"7",
	]);
});
