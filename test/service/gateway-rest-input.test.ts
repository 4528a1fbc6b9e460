import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Errors } from "moleculer";
import { ERRORS } from "../../contracts/errors.ts";
import { OVER_REST } from "../../contracts/index.ts";
import { LIMITS } from "../../contracts/limits.ts";
import { type Echo, startGateway } from "../support/gateway.ts";

type Gateway = Awaited<ReturnType<typeof startGateway>>;
let gateway: Gateway;

const CHAT = "01900000-0000-7000-8000-0000000000c1";
const SECRET = "canary-7f3a";

/** What goes wrong inside, by the chat's name. */
const FAULTS: Record<string, () => unknown> = {
	sql: () =>
		Object.assign(new Error(`syntax error at or near "${SECRET}" in SELECT * FROM users`), {
			code: "42601",
			sql: SECRET,
		}),
	value: () =>
		Object.assign(new Error(`date/time field value out of range: "${SECRET}"`), {
			code: "22008",
			where: SECRET,
		}),
	slip: () => Object.assign(new Error(`division by zero in ${SECRET}`), { code: "22012" }),
	away: () =>
		Object.assign(new Error(`connect ECONNREFUSED 10.1.2.3:5432 ${SECRET}`), { code: "ECONNREFUSED" }),
	type: () => new TypeError(`Cannot read properties of undefined (reading '${SECRET}')`),
	text: () => SECRET,
	timeout: () => new Errors.RequestTimeoutError({ action: SECRET, nodeID: SECRET }),
	full: () => new Errors.QueueIsFullError({ action: SECRET, nodeID: SECRET, size: 1, limit: 1 }),
	missing: () => new Errors.ServiceNotFoundError({ action: SECRET }),
	foreign: () => new Errors.MoleculerError(SECRET, 418, "TEAPOT", { host: SECRET }),
};

beforeAll(async () => {
	gateway = await startGateway({
		"chats.update": ({ params }) => {
			throw FAULTS[String(params.name)]?.();
		},
	});
});
afterAll(() => gateway?.stop());

test.each([
	["role", "owner"],
	["isAdmin", true],
	["ownerId", CHAT],
	["createdAt", "2020-01-01T00:00:00Z"],
	["seq", 1],
	["tenantId", "x"],
	["constructor", { prototype: { polluted: 1 } }],
	["prototype", {}],
	["$$strict", false],
	["", "x"],
])("T9: a body with a field %s that nobody knows is refused by name", async (field, value) => {
	const sent = await gateway.ann.post(`/chats/${CHAT}/messages`, { content: "hello", [field]: value });
	expect([sent.status, sent.body.code, sent.body.errors[0].field]).toEqual([422, "VALIDATION_ERROR", field]);
});

test.each(["role=owner", "__proto__=x", "constructor=x", "search[$ne]=x", "__proto__[polluted]=x"])(
	"T9: a query with %s is refused by name",
	async query => {
		const { status, body } = await gateway.ann.get(`/users?${query}`);
		expect([status, body.code, body.errors[0].field]).toEqual([422, "VALIDATION_ERROR", query.split("=")[0]]);
	},
);

test("T9: what a body should hold is refused in the query of a write", async () => {
	const { status, body } = await gateway.ann.post(`/chats/${CHAT}/messages?content=x`, { content: "hello" });
	expect([status, body.errors[0].field]).toEqual([422, "content"]);
});

test.each([
	['{"content":"x","__proto__":{"polluted":1}}', "__proto__"],
	['{"content":"x","metadata":{"__proto__":{"polluted":1}}}', "metadata.__proto__"],
	['{"content":"x","metadata":{"a":[{"__proto__":1}]}}', "metadata.a.__proto__"],
])("T18: a prototype in a body is refused and pollutes nothing: %s", async (text, field) => {
	const { status, body } = await gateway.ann.post(`/chats/${CHAT}/messages`, text);
	expect([status, body.errors[0].field]).toEqual([422, field]);
	expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
});

test("T18: `constructor` is a name like any other in metadata", async () => {
	const metadata = { constructor: { prototype: { polluted: 1 } } };
	const { status, body } = await gateway.ann.post<Echo>(`/chats/${CHAT}/messages`, {
		content: "x",
		metadata,
	});
	expect([status, body.params.metadata]).toEqual([201, metadata]);
	expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
});

test.each(["{", "", "{'a':1}", '{"content":"x"', '{"content":"x"}}', "\uFEFF\uFEFF{}", "NaN", "undefined"])(
	"a body that is no JSON is refused with 400: %s",
	async text => {
		const { status, body } = await gateway.ann.post(`/chats/${CHAT}/messages`, text || " ");
		expect([status, body.code]).toEqual([400, "VALIDATION_ERROR"]);
	},
);

test.each(["[]", "null", "1", '"text"', "true", '[{"content":"x"}]'])(
	"a body that is JSON but no object is refused: %s",
	async text => {
		const { status, body } = await gateway.ann.post(`/chats/${CHAT}/messages`, text);
		expect([status, body.code, body.errors[0].field]).toEqual([422, "VALIDATION_ERROR", "body"]);
	},
);

test("a body that is no UTF-8 is refused with 400", async () => {
	const response = await fetch(`${gateway.url}/api/chats/${CHAT}/messages`, {
		method: "POST",
		headers: { "content-type": "application/json", authorization: `Bearer user:${CHAT}` },
		body: Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]),
	});
	expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([
		400,
		"VALIDATION_ERROR",
	]);
});

test.each([
	"text/plain",
	"application/x-www-form-urlencoded",
	"multipart/form-data; boundary=x",
	"application/json; charset=latin1",
	"application/jsonp",
	"",
])("T13: a body that is not called JSON is refused: '%s'", async type => {
	const { status, body } = await gateway.ann.post("/chats", { participantIds: [] }, { "content-type": type });
	expect([status, body.code]).toEqual([415, "UNSUPPORTED_MEDIA_TYPE"]);
});

test("a compressed body is refused, whatever it unfolds to", async () => {
	const { status } = await gateway.ann.post("/chats", { participantIds: [] }, { "content-encoding": "gzip" });
	expect(status).toBe(415);
});

test("T15: a body of 64 KB is taken, one byte more is not", async () => {
	const filler = (bytes: number) => {
		const text = JSON.stringify({ content: "x" });
		return text + " ".repeat(bytes - text.length);
	};
	const fits = await gateway.ann.post(`/chats/${CHAT}/messages`, filler(LIMITS.bodyBytesMax));
	expect(fits.status).toBe(201);
	const tooLarge = await gateway.ann.post(`/chats/${CHAT}/messages`, filler(LIMITS.bodyBytesMax + 1));
	expect([tooLarge.status, tooLarge.body.code]).toEqual([413, "PAYLOAD_TOO_LARGE"]);
});

test.each(["[", '{"a":'])("T17: nesting that fills the whole body is refused at once: %s", async open => {
	const levels = Math.floor((LIMITS.bodyBytesMax - 100) / (open.length + 1));
	const close = open === "[" ? "]" : "}";
	const deep = `${open.repeat(levels)}1${close.repeat(levels)}`;
	for (const field of ["content", "metadata", "mentions", "unknown"]) {
		const { status, body } = await gateway.ann.post(
			`/chats/${CHAT}/messages`,
			`{"content":"x","${field}":${deep}}`,
		);
		expect([status, body.code]).toEqual([422, "VALIDATION_ERROR"]);
	}
});

test("T17: ten thousand unknown fields are refused in a few words", async () => {
	const many = Object.fromEntries(Array.from({ length: 6_000 }, (_, i) => [`f${i}`, 1]));
	const { status, body } = await gateway.ann.post(`/chats/${CHAT}/messages`, { content: "x", ...many });
	expect([status, body.code]).toEqual([422, "VALIDATION_ERROR"]);
	expect(body.errors.length).toBeLessThanOrEqual(20);
});

test("a body where none is taken is refused", async () => {
	const { status, body } = await gateway.ann.delete(`/chats/${CHAT}`, { reason: "x" });
	expect([status, body.errors[0].field]).toEqual([422, "body"]);
});

test.each(["%E0%A4%A", "%", "%zz", "%00", "a%2Fb", "..%2f..%2fetc"])(
	"a path with %s is refused, and breaks nothing",
	async part => {
		const { status, body } = await gateway.ann.get(`/messages/${part}`);
		expect([400, 404, 422]).toContain(status);
		expect(Object.keys(ERRORS)).toContain(body.code);
	},
);

test("every field that is wrong is named, not only the first", async () => {
	const { body } = await gateway.nobody.post("/auth/register", {
		username: "a",
		password: "short",
		email: "no",
	});
	expect(body.errors.map(({ field }: { field: string }) => field).sort()).toEqual([
		"email",
		"password",
		"username",
	]);
});

test.each(
	Object.entries({
		sql: 500,
		slip: 500,
		away: 503,
		type: 500,
		text: 500,
		timeout: 503,
		full: 503,
		missing: 503,
		foreign: 500,
	}),
)("T37: what goes wrong inside (%s) shows no stack, query or host", async (name, expected) => {
	const { status, body, headers } = await gateway.ann.patch(`/chats/${CHAT}`, { name });
	expect([status, body.code]).toEqual([expected, expected === 500 ? "INTERNAL" : "UNAVAILABLE"]);
	expect(JSON.stringify([body, Object.fromEntries(headers.entries())])).not.toMatch(
		/canary|node_modules|\.ts:|SELECT|10\.1\.2\.3|nodeID/,
	);
	if (expected === 503) expect([body.retryAfter, headers.get("retry-after")]).toEqual([1, "1"]);
});

test("T37: a value that only PostgreSQL refuses is the client's mistake, and shows none of its words", async () => {
	const { status, body } = await gateway.ann.patch(`/chats/${CHAT}`, { name: "value" });
	expect([status, body.code, body.detail]).toEqual([
		422,
		"VALIDATION_ERROR",
		ERRORS.VALIDATION_ERROR.meaning,
	]);
	expect(JSON.stringify(body)).not.toContain(SECRET);
});

/** Values that no field of any contract takes. */
const NONSENSE = [
	null,
	-1,
	1e300,
	"",
	"\0",
	"\ud800",
	[],
	[null],
	{},
	{ $gt: "" },
	"' OR 1=1 --",
	"x".repeat(20_000),
];

test.each(OVER_REST.map(({ rest = "" }) => [rest]))(
	"T37: nonsense sent to %s has a stable code",
	async rest => {
		const [method = "", pattern = ""] = rest.split(" ");
		for (const value of NONSENSE) {
			const path = pattern.replace(/:\w+/g, CHAT);
			const fields = Object.fromEntries(
				["content", "username", "participantIds", "seq", "status", "until", "userIds", "chatIds"].map(
					name => [name, value],
				),
			);
			const { status, body, headers } = /POST|PUT|PATCH/.test(method)
				? await gateway.admin.ask(method, path, fields)
				: await gateway.admin.ask(
						method,
						`${path}?cursor=${encodeURIComponent(String(value).toWellFormed().slice(0, 2_000))}`,
					);
			expect(status).toBeLessThan(500);
			if (status < 400) continue;
			expect(headers.get("content-type")).toBe("application/problem+json; charset=utf-8");
			expect(Object.keys(body).sort()).toEqual(
				[...(body.errors ? ["errors"] : []), "code", "detail", "status", "title", "traceId", "type"].sort(),
			);
			expect([body.status, body.traceId]).toEqual([status, headers.get("x-request-id")]);
		}
	},
);
