import { describe, expect, test } from "@jest/globals";
import type { ParleyEvent } from "../../contracts/kafka.ts";
import { cloudEvent, derivedId } from "../../lib/log/cloud-event.ts";
import { countsOf, marksOf } from "../../services/kafka-bridge/consumers/analytics.rules.ts";
import { isNews, recordsOf } from "../../services/kafka-bridge/consumers/notifications.rules.ts";
import { BURST_MS, OnlineEdges, TypingBursts } from "../../services/kafka-bridge/ephemeral.rules.ts";
import { isolate } from "../../services/kafka-bridge/isolate.ts";
import {
	batchesOf,
	fairShare,
	nextAppetite,
	type OutboxRow,
} from "../../services/kafka-bridge/relay/relay.rules.ts";

const row = (id: number, event = "{}"): OutboxRow => ({
	id,
	lane: 0,
	topics: [],
	key: "k",
	eventId: "",
	event,
});

describe("the relay", () => {
	test.each([
		[1, 16],
		[2, 8],
		[3, 6],
		[5, 4],
		[16, 1],
		[20, 1],
	])("with %d of them each holds at most %d of the 16 lanes", (relays, share) => {
		expect(fairShare(16, relays)).toBe(share);
		expect(share * relays).toBeGreaterThanOrEqual(16);
	});

	test("cuts rows into batches by number and by size, in order", () => {
		const rows = [row(1), row(2), row(3), row(4, "x".repeat(90)), row(5), row(6, "x".repeat(500)), row(7)];
		const ids = batchesOf(rows, 3, 100).map(batch => batch.map(({ id }) => id));
		expect(ids).toEqual([[1, 2, 3], [4, 5], [6], [7]]);
	});

	test("asks a lane for more while it comes full, up to a whole batch", () => {
		const asked = [32];
		for (let i = 0; i < 6; i++) asked.push(nextAppetite(asked.at(-1) ?? 0, asked.at(-1) ?? 0));
		expect(asked).toEqual([32, 64, 128, 256, 500, 500, 500]);
		expect(nextAppetite(500, 3)).toBe(32);
	});
});

describe("what is at fault is found among others", () => {
	const ownFault = new Error("own");
	async function handle(items: number[], bad: number[]) {
		const done: number[] = [];
		const buried: number[] = [];
		let tries = 0;
		await isolate(items, {
			triesMax: 3,
			pauseMs: 0,
			isOwnFault: err => err === ownFault,
			async attempt(some) {
				tries++;
				if (some.some(item => bad.includes(item))) throw ownFault;
				done.push(...some);
			},
			async bury(item) {
				buried.push(item);
			},
		});
		return { done, buried, tries };
	}

	test("the rest is done in order, each once", async () => {
		const items = Array.from({ length: 500 }, (_, i) => i);
		const { done, buried, tries } = await handle(items, [3, 250]);
		expect(buried).toEqual([3, 250]);
		expect(done).toEqual(items.filter(item => item !== 3 && item !== 250));
		expect(tries).toBeLessThan(50);
	});

	test("another's fault ends it with nothing buried", async () => {
		const away = isolate([1, 2], {
			triesMax: 3,
			pauseMs: 0,
			isOwnFault: () => false,
			attempt: () => Promise.reject(new Error("away")),
			bury: () => Promise.reject(new Error("buried")),
		});
		await expect(away).rejects.toThrow("away");
	});
});

const message = (time: string, actorId: string, chatId: string, more: object = {}) =>
	({
		id: "e",
		type: "message.created",
		time,
		data: { actorId, chatId, ...more },
	}) as ParleyEvent<"message.created">;

describe("analytics", () => {
	const events = [
		message("2026-05-04T10:59:59.999Z", "ann", "c1"),
		message("2026-05-04T11:00:00.000Z", "ann", "c1"),
		{ type: "message.read", time: "2026-05-04T11:30:00.000Z", data: { actorId: "bob" } } as ParleyEvent,
	];

	test("a message counts in its hour and its day, a read does not", () => {
		expect(countsOf(events)).toEqual([
			{ bucket: "day", at: "2026-05-04T00:00:00.000Z", messages: 2 },
			{ bucket: "hour", at: "2026-05-04T10:00:00.000Z", messages: 1 },
			{ bucket: "hour", at: "2026-05-04T11:00:00.000Z", messages: 1 },
		]);
	});

	test("who reads is active, a chat is so by its messages, and each once", () => {
		const of = (bucket: string) =>
			marksOf(events).flatMap(m => (m.bucket === bucket ? `${m.at.slice(11, 13)} ${m.kind} ${m.id}` : []));
		expect(of("day")).toEqual(["00 chat c1", "00 user ann", "00 user bob"]);
		expect(of("hour")).toEqual(["10 chat c1", "10 user ann", "11 chat c1", "11 user ann", "11 user bob"]);
	});
});

describe("notifications", () => {
	const now = Date.parse("2026-05-04T12:00:00.000Z");

	test("what is older than ten minutes is no news", () => {
		expect(isNews(message("2026-05-04T11:50:00.000Z", "ann", "c"), now)).toBe(true);
		expect(isNews(message("2026-05-04T11:49:59.999Z", "ann", "c"), now)).toBe(false);
	});

	test("a record has a thousand recipients at most, and the mentioned have one of their own", () => {
		const all = Array.from({ length: 2_501 }, (_, i) => `u${i}`);
		const event = message("2026-05-04T12:00:00.000Z", "ann", "c", {
			id: "m",
			seq: 4,
			senderId: "ann",
			mentions: ["u7"],
		});
		const records = recordsOf(event, all);
		expect(records.map(({ kind, recipientIds }) => [kind, recipientIds.length])).toEqual([
			["mention", 1],
			["message", 1_000],
			["message", 1_000],
			["message", 500],
		]);
		expect(new Set(records.flatMap(({ recipientIds }) => recipientIds)).size).toBe(2_501);
		expect(recordsOf(event, [])).toEqual([]);
	});
});

describe("hints between nodes", () => {
	test("become online and offline only where a user crosses between them", () => {
		const edges = new OnlineEdges();
		const statuses = ["online", "away", "dnd", "offline", "offline", "away"];
		expect(statuses.map(status => edges.edge("ann", status))).toEqual([
			"user.online",
			null,
			null,
			"user.offline",
			null,
			"user.online",
		]);
	});

	test("typing is told when a burst begins, and again after a pause or an end", () => {
		const bursts = new TypingBursts();
		const begins = (isTyping: boolean, at: number) => bursts.begins("c", "ann", isTyping, at);
		expect(begins(true, 0)).toBe(true);
		expect(begins(true, BURST_MS - 1)).toBe(false);
		expect(begins(true, 3 * BURST_MS)).toBe(true);
		expect(begins(false, 3 * BURST_MS)).toBe(false);
		expect(begins(true, 3 * BURST_MS + 1)).toBe(true);
		expect(bursts.begins("c", "bob", true, 3 * BURST_MS + 2)).toBe(true);
	});
});

test("an event that follows from another has the same id each time, and is a UUID", () => {
	const id = derivedId("audit.log", "x");
	expect(id).toBe(derivedId("audit.log", "x"));
	expect(id).not.toBe(derivedId("audit.log", "y"));
	expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
	const data = { userId: "ann", hour: "2026-05-04T10:00:00.000Z", actorId: "ann" };
	const parts = { id, type: "analytics.user.activity", subject: "ann", time: data.hour, data } as const;
	expect(cloudEvent("chat", parts).dataschema).toBe("urn:parley:schema:analytics.user.activity:1");
});
