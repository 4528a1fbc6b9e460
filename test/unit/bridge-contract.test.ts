/** What is published for integrators: schemas, the table of topics, and the helper. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { isEvent, memorySeen, NotAnEvent, once, parseEvent } from "../../contracts/consumer.ts";
import { EVENT_TYPES, eventSchema, schemaFiles } from "../../contracts/event-schemas.ts";
import { TOPICS } from "../../contracts/kafka.ts";
import { topicsTable } from "../../contracts/kafka-docs.ts";
import { readEvent, Unreadable } from "../../services/kafka-bridge/consumers/reading.ts";

const ID = "01890000-0000-7000-8000-000000000001";
const typing = (data: object = {}) => ({
	specversion: "1.0",
	id: ID,
	source: "/parley/chat",
	type: "user.typing",
	subject: ID,
	time: "2026-05-04T10:00:00.000Z",
	datacontenttype: "application/json",
	dataschema: "urn:parley:schema:user.typing:1",
	data: { chatId: ID, userId: ID, actorId: ID, isTyping: true, ...data },
});

describe("schemas", () => {
	test("the files in schemas/ are those of the code (scripts/event-schemas.ts writes them)", () => {
		expect(readdirSync("schemas").sort()).toEqual(
			schemaFiles()
				.map(([name]) => name)
				.sort(),
		);
		for (const type of EVENT_TYPES)
			expect(JSON.parse(readFileSync(`schemas/${type}.json`, "utf8"))).toEqual(eventSchema(type));
	});

	test("every topic but chat.events is a type of event with a schema of its own", () => {
		expect([...EVENT_TYPES, "chat.events"].sort()).toEqual([...TOPICS].sort());
	});

	test("the documentation has one row for each topic", () => {
		const topics = topicsTable()
			.split("\n")
			.slice(2)
			.map(line => line.match(/`([^`]+)`/)?.[1]);
		expect(topics).toEqual([...TOPICS]);
	});
});

describe("the consumers that ship", () => {
	test.each([
		["nothing", null],
		["half a line of JSON", '{"id"'],
		["JSON that is no event", "[]"],
		["no CloudEvent", JSON.stringify({ ...typing(), specversion: "0.3" })],
		["an id that is none", JSON.stringify({ ...typing(), id: "1" })],
		["data unlike its type", JSON.stringify(typing({ isTyping: "yes" }))],
	])("do not take %s for an event", (_, text) => {
		expect(() => readEvent(text)).toThrow(Unreadable);
	});

	test("take an event with fields and of types that they do not know", () => {
		expect(readEvent(JSON.stringify(typing({ more: 1 }))).id).toBe(ID);
		expect(readEvent(JSON.stringify({ ...typing({ isTyping: 7 }), type: "poll.closed" })).type).toBe(
			"poll.closed",
		);
	});
});

describe("the integrator's helper", () => {
	const event = parseEvent(JSON.stringify(typing()));

	test("parses text and bytes, and tells the types apart", () => {
		const bytes = new TextEncoder().encode(JSON.stringify(typing()));
		expect(parseEvent(bytes)).toEqual(event);
		expect(isEvent(event, "user.typing") && event.data.isTyping).toBe(true);
		expect(isEvent(event, "message.created", "user.online")).toBe(false);
	});

	test.each([null, undefined, "", "7", "{}", JSON.stringify({ ...typing(), data: undefined })])(
		"refuses %j",
		value => {
			expect(() => parseEvent(value)).toThrow(NotAnEvent);
		},
	);

	test("handles an event once, and again only if handling failed", async () => {
		const seen = memorySeen();
		await expect(once(seen, event, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
		let times = 0;
		const handle = () => ++times;
		expect([await once(seen, event, handle), await once(seen, event, handle)]).toEqual([true, false]);
		expect(times).toBe(1);
	});

	test("remembers the last ids only, so that its memory is bounded", () => {
		const seen = memorySeen(3);
		for (const id of ["a", "b", "c", "d"]) seen.add(id);
		expect(["a", "b", "c", "d"].map(id => seen.has(id))).toEqual([false, true, true, true]);
	});
});
