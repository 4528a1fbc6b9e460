import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Chat } from "../../contracts/chats.ts";
import type { Message } from "../../contracts/messages.ts";
import { goHome, ok, type Person, people } from "../support/people.ts";
import type { TestSocket } from "../support/socket.ts";
import { acked, verdict, wrongFields } from "../support/verdict.ts";

interface Page {
	items: Message[];
	nextCursor: string | number | null;
}

const LAST = 12;
let ann: Person;
let ben: Person;
let chat: Chat;
let socket: TestSocket;

beforeAll(async () => {
	[ann, ben] = await people("ann", "ben");
	chat = await ann.group(ben);
	socket = await ann.sender();
	await Promise.all(
		Array.from({ length: LAST }, (_, i) =>
			acked(socket, "message", { chatId: chat.id, content: `${i + 1}`, clientId: randomUUID() }),
		),
	);
});

afterAll(goHome);

const history = (query: string) => ben.rest.get<Page>(`/chats/${chat.id}/messages${query}`);
const seqsOf = ({ items }: Page) => items.map(({ seq }) => seq);
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

test.each<[string, number[], number | null]>([
	["", range(1, 12), null],
	["?limit=5", range(8, 12), 8],
	["?limit=12", range(1, 12), null],
	["?limit=200", range(1, 12), null],
	["?before=8&limit=5", range(3, 7), 3],
	["?before=6&limit=5", range(1, 5), null],
	["?before=3&limit=5", [1, 2], null],
	["?before=1", [], null],
	["?before=0", [], null],
	["?before=13&limit=2", [11, 12], 11],
	["?before=1000&limit=2", [11, 12], 11],
	["?after=0&limit=5", range(1, 5), 5],
	["?after=5&limit=5", range(6, 10), 10],
	["?after=7&limit=5", range(8, 12), null],
	["?after=11", [12], null],
	["?after=12", [], null],
	["?after=1000", [], null],
	["?around=6&limit=5", range(4, 8), null],
	["?around=6&limit=1", [6], null],
])("a page %j shows these places", async (query, seqs, nextCursor) => {
	const page = ok<Page>(await history(query));
	expect(seqsOf(page)).toEqual(seqs);
	if (!query.includes("around"))
		expect(page.nextCursor).toEqual(nextCursor === null ? null : String(nextCursor));
});

test.each(["?around=1&limit=5", "?around=12&limit=5", "?around=3&limit=200", "?around=6"])(
	"a page %j has its middle in it, without a gap",
	async query => {
		const seqs = seqsOf(ok<Page>(await history(query)));
		expect(seqs).toContain(Number(query.match(/around=(\d+)/)?.[1]));
		expect(seqs).toEqual(range(seqs[0] ?? 0, seqs.at(-1) ?? 0));
	},
);

test.each<[string, string, number[][]]>([
	["before", "", [range(8, 12), range(3, 7), range(1, 2)]],
	["before", "before=10&", [range(5, 9), range(1, 4)]],
	["after", "after=0&", [range(1, 5), range(6, 10), range(11, 12)]],
	["around", "around=3&", [range(1, 5), range(6, 10), range(11, 12)]],
])("pages that follow each other by %s (%j) have no gap and no overlap", async (name, start, pages) => {
	let query = `?${start}limit=5`;
	for (const [i, seqs] of pages.entries()) {
		const page = ok<Page>(await history(query));
		expect(seqsOf(page)).toEqual(seqs);
		expect(page.nextCursor === null).toBe(i === pages.length - 1);
		query = `?${name}=${page.nextCursor}&limit=5`;
	}
});

test.each([
	["?before=3&after=1", ["before", "after"]],
	["?before=3&around=1", ["before", "around"]],
	["?after=3&around=1", ["after", "around"]],
	["?limit=0", ["limit"]],
	["?limit=201", ["limit"]],
	["?limit=ten", ["limit"]],
	["?limit=1.5", ["limit"]],
	["?before=-1", ["before"]],
	["?after=x", ["after"]],
	["?before=1e400", ["before"]],
	["?seq=1", ["seq"]],
])("a page %j is refused", async (query, fields) => {
	const answer = await history(query);
	expect(verdict(answer)).toBe("422 VALIDATION_ERROR");
	expect(fields).toContain(wrongFields(answer)[0]);
});

test("a socket reads the same pages", async () => {
	for (const [params, query] of [
		[{}, ""],
		[{ limit: 5 }, "?limit=5"],
		[{ before: 8, limit: 5 }, "?before=8&limit=5"],
		[{ after: 5, limit: 5 }, "?after=5&limit=5"],
		[{ around: 6, limit: 5 }, "?around=6&limit=5"],
	] as const) {
		const { messages } = await acked(socket, "chat:messages", { chatId: chat.id, ...params });
		expect(messages).toEqual(ok<Page>(await history(query)).items);
	}
	expect(await socket.emit("chat:messages", { chatId: chat.id, before: 1, after: 1 })).toMatchObject({
		code: "VALIDATION_ERROR",
	});
});

test("50 are a page where nothing is said", async () => {
	const long = await ann.group();
	for (let i = 0; i < 60; i += 20)
		await Promise.all(range(1, 20).map(n => acked(socket, "message", { chatId: long.id, content: `${n}` })));
	expect(seqsOf(ok<Page>(await ann.rest.get(`/chats/${long.id}/messages`)))).toEqual(range(11, 60));
	expect(seqsOf(ok<Page>(await ann.rest.get(`/chats/${long.id}/messages?after=0`)))).toEqual(range(1, 50));
});

test("an empty chat has an empty page", async () => {
	const empty = await ann.group();
	for (const query of ["", "?before=5", "?after=0", "?around=1"])
		expect(ok(await ann.rest.get(`/chats/${empty.id}/messages${query}`))).toEqual({
			items: [],
			nextCursor: null,
		});
});

test("a chat that is not there, or not one's own, has no pages", async () => {
	const own = await ann.group();
	for (const id of [own.id, randomUUID()])
		expect(verdict(await ben.rest.get(`/chats/${id}/messages`))).toBe("404 NOT_FOUND");
});
