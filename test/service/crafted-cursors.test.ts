import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { OVER_REST } from "../../contracts/index.ts";
import { startGateway } from "../support/gateway.ts";
import { api } from "../support/http.ts";

const ID = "01900000-0000-7000-8000-0000000000c1";
const STORED = "2026-02-03 04:05:06.123456+00";
const SENT = "2026-02-03T04:05:06.123Z";

let gateway: Awaited<ReturnType<typeof startGateway>>;
let ann: ReturnType<typeof api>;
let chatId: string;
let messageId: string;
/** The form of each list's cursor. */
let forms: Record<string, unknown[]>;

const encode = (parts: unknown) => Buffer.from(JSON.stringify(parts)).toString("base64url");

beforeAll(async () => {
	gateway = await startGateway({}, {}, ["auth", "chats", "messages", "users", "inbox"]);
	const account = { username: "ann", email: "ann@example.com", password: "correct horse" };
	ann = api(gateway.url, (await gateway.nobody.post("/auth/register", account)).body.accessToken);
	chatId = (await ann.post("/chats", { type: "channel", name: "town", participantIds: [] })).body.id;
	messageId = (await ann.post(`/chats/${chatId}/messages`, { content: "hello" })).body.id;
	const { since } = (await ann.get("/inbox")).body;
	forms = {
		"GET /auth/sessions": [SENT, ID],
		"GET /users": ["ann"],
		"GET /channels": [0, "town", ID],
		"GET /chats/:chatId/members": [STORED, ID],
		"GET /chats/:chatId/pins": [SENT, 1],
		"GET /messages/:messageId/receipts": [ID],
		"GET /inbox": [STORED, ID, since],
		"GET /inbox/changes": JSON.parse(Buffer.from(since, "base64url").toString()),
	};
});
afterAll(() => gateway?.stop());

const read = (rest: string, cursor: string) => {
	const path = rest.replace("GET ", "").replace(":chatId", chatId).replace(":messageId", messageId);
	return ann.get(`${path}?${rest.endsWith("changes") ? "since" : "cursor"}=${cursor}`);
};

/** Each has the form of something, and is nothing that PostgreSQL takes everywhere. */
const CRAFTED = [
	...[1.5, 1e20, -1e20, 2 ** 31, 2 ** 53, null, true, [], {}],
	...["", "\0", "\ud800", "9".repeat(18), "9".repeat(30)],
	...[
		"2021-02-31 00:00:00+00",
		"0000-01-01 00:00:00+00",
		"2021-01-01 00:00:00+99:99",
		"2021-01-01 24:00:00+00",
	],
	...[
		"2021-02-31T00:00:00.000Z",
		"0000-01-01T00:00:00.000Z",
		"2021-01-01T00:00:00.00:Z",
		"+010000-01-01T00:00:00.000Z",
	],
	"00000000-0000-0000-0000-00000000000g",
];

test("every list that has a cursor is tried, and takes one of its own form", async () => {
	const lists = OVER_REST.filter(({ params }) => "cursor" in params || "since" in params)
		.map(({ rest }) => rest)
		// Its service needs Kafka's consumers; its cursor is of the same parts as others.
		.filter(rest => !/dead-letters/.test(rest ?? "") && !/:chatId\/changes/.test(rest ?? ""));
	expect(Object.keys(forms).sort()).toEqual(lists.sort());
	for (const [rest, parts] of Object.entries(forms))
		expect([rest, (await read(rest, encode(parts))).status]).toEqual([rest, 200]);
});

test("T37: a cursor of the right form with wrong values is the client's mistake, never ours", async () => {
	const surprises: unknown[] = [];
	for (const [rest, parts] of Object.entries(forms))
		for (const place of parts.keys())
			for (const value of CRAFTED) {
				const { status, body } = await read(rest, encode(parts.with(place, value)));
				if (status !== 200 && (status !== 422 || body.code !== "VALIDATION_ERROR"))
					surprises.push([rest, place, value, status]);
			}
	expect(surprises).toEqual([]);
});

test("T37: a time that is not on the calendar is refused", async () => {
	const mute = (until: string) => ann.put(`/chats/${chatId}/mute`, { until });
	for (const until of [
		"0000-01-01T00:00:00Z",
		"0001-01-01T00:00:00+01:00",
		"9999-12-31T23:59:59-01:00",
		"2021-02-31T00:00:00Z",
		"2023-02-29T00:00:00Z",
	]) {
		const { status, body } = await mute(until);
		expect([until, status, body.errors]).toEqual([until, 422, [expect.objectContaining({ field: "until" })]]);
	}
	for (const until of ["9999-12-31T23:59:59.999Z", "2024-02-29T12:00+14:00", "0001-01-01T00:00:00Z"])
		expect([until, (await mute(until)).status]).toEqual([until, 200]);
});

type Found = { items: { id: string }[]; nextCursor: string | null; code?: string };

test.each(["\u0001", "\u200b", "İ", "😀", '"', "\\", "字"])(
	"a search may go on after a channel whose name is full of %j",
	async unit => {
		const name = unit.repeat(Math.floor(100 / unit.length));
		const ids = [];
		for (let i = 0; i < 2; i++)
			ids.push((await ann.post("/chats", { type: "channel", name, participantIds: [] })).body.id);
		const found: string[] = [];
		let cursor: string | null = "";
		while (cursor !== null) {
			const page: { status: number; body: Found } = await ann.get(
				`/channels?limit=1${cursor && `&cursor=${cursor}`}`,
			);
			const { status, body } = page;
			expect([status, body.code]).toEqual([200, undefined]);
			found.push(...body.items.map(({ id }) => id));
			cursor = body.nextCursor;
		}
		expect(found).toEqual(expect.arrayContaining(ids));
		expect(new Set(found).size).toBe(found.length);
	},
);
