import { expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Chat } from "../../contracts/chats.ts";
import type { Message } from "../../contracts/messages.ts";
import {
	type Gap,
	isLast,
	type RoomEvent,
	RoomOrder,
} from "../../services/gateway/sockets/room-order.rules.ts";
import { figure, inWords } from "../support/figure.ts";

/** A chat's log as the database has it. */
class Log {
	rev = 0;
	readonly messages: Message[] = [];
	readonly events: RoomEvent[] = [];

	commit(kind: "send" | "edit" | "delete" | "rename", which: number): RoomEvent {
		this.rev++;
		const event = this.#event(kind, which);
		this.events.push(event);
		return event;
	}

	#event(kind: string, which: number): RoomEvent {
		const base = { chatId: "c", rev: this.rev, epoch: 1 };
		const known = this.messages[which % Math.max(1, this.messages.length)];
		if (kind === "rename" || (!known && kind !== "send"))
			return { ...base, change: "chat.updated", seq: null, data: this.chat };
		const message: Message =
			kind === "send" || !known
				? ({ id: `m${this.messages.length + 1}`, seq: this.messages.length + 1 } as Message)
				: { ...known, isDeleted: known.isDeleted || kind === "delete" };
		const now = { ...message, rev: this.rev };
		this.messages[now.seq - 1] = now;
		const change =
			kind === "send" ? "message.created" : kind === "delete" ? "message.deleted" : "message.updated";
		return { ...base, change, seq: now.seq, data: now };
	}

	get chat(): Chat {
		return { id: "c", rev: this.rev, lastSeq: this.messages.length } as Chat;
	}

	/** As `messages.gap` answers, in pages of three. */
	gap(since: number): Gap {
		const changed = this.messages.filter(({ rev }) => rev > since).sort((a, b) => a.rev - b.rev);
		const hasMore = changed.length > 3;
		const page = changed.slice(0, 3);
		const rev = hasMore ? (page.at(-1) as Message).rev : this.rev;
		return { rev, epoch: 1, messages: page, members: [], chat: this.chat, hasMore, reset: false };
	}
}

/** A room as the feed drives it, and all that its sockets were told. */
class Driven {
	readonly told: RoomEvent[] = [];
	readonly order: RoomOrder;
	#reading: Gap | null = null;
	/** Until the last page of a gap is told, events wait. */
	#isPartlyRead = false;

	constructor(position: { rev: number; lastSeq: number }, earlyMax: number) {
		this.order = new RoomOrder({ ...position, epoch: 1 }, earlyMax);
	}

	take(event: RoomEvent): void {
		this.order.take(event);
		this.#pump();
	}

	beginGap(log: Log): void {
		this.#reading ??= log.gap(this.order.rev);
	}

	endGap(): void {
		const gap = this.#reading;
		this.#reading = null;
		if (!gap) return;
		this.told.push(...this.order.fill(gap));
		this.order.filled(gap);
		this.#isPartlyRead = !isLast(gap);
		this.#pump();
	}

	get isUnfinished(): boolean {
		return this.order.isBehind || this.#isPartlyRead;
	}

	/** Both at once, over an earlier reading's end. */
	readGap(log: Log): void {
		this.endGap();
		this.beginGap(log);
		this.endGap();
	}

	#pump(): void {
		if (this.#reading || this.#isPartlyRead) return;
		for (let next = this.order.next(); next; next = this.order.next()) {
			this.order.told(next);
			this.told.push(next);
		}
	}
}

const step = fc.oneof(
	fc.record({
		do: fc.constantFrom("send", "send", "edit", "delete", "rename"),
		which: fc.nat(5),
	}),
	fc.record({ do: fc.constantFrom("deliver", "lose", "repeat"), which: fc.nat(9) }),
	fc.record({
		do: fc.constantFrom("hint", "begin", "end", "read", "read", "subscribe", "subscribe"),
		which: fc.constant(0),
	}),
);

/** Runs a schedule: the snapshot is read at one step and the room made of it at a later one; then all is caught up. */
function run(steps: { do: string; which: number }[], earlyMax: number) {
	const log = new Log();
	const flying: RoomEvent[] = [];
	let snapshot: { rev: number; lastSeq: number } | null = null;
	let room: Driven | null = null;
	for (const { do: what, which } of steps) {
		if (what === "subscribe") {
			if (snapshot) room ??= new Driven(snapshot, earlyMax);
			snapshot ??= { rev: log.rev, lastSeq: log.messages.length };
		} else if (what === "deliver" || what === "lose" || what === "repeat") {
			const [event] = flying.splice(which % Math.max(1, flying.length), 1);
			if (event && what !== "lose") room?.take(event);
			if (event && what === "repeat") room?.take(event);
		} else if (what === "hint") room?.order.hear(log.rev);
		else if (what === "begin") room?.beginGap(log);
		else if (what === "end") room?.endGap();
		else if (what === "read") room?.readGap(log);
		else flying.push(log.commit(what as "send", which));
	}
	snapshot ??= { rev: log.rev, lastSeq: log.messages.length };
	room ??= new Driven(snapshot, earlyMax);
	room.endGap();
	room.order.hear(log.rev);
	for (let i = 0; room.isUnfinished && i < 1_000; i++) room.readGap(log);
	return { log, room, snapshot };
}

const RUNS = 2_000;

test("I14: whatever the order of commit, snapshot and subscription, nothing is missed and nothing comes twice", () => {
	fc.assert(
		fc.property(
			fc.array(step, { minLength: 20, maxLength: 60 }),
			fc.constantFrom(2, 1_000),
			(steps, earlyMax) => {
				const { log, room, snapshot } = run(steps, earlyMax);
				expect(room.order.rev).toBe(log.rev);
				const state = new Map(
					room.told.filter(({ seq }) => seq !== null).map(({ seq, data }) => [seq, data as Message]),
				);
				for (const message of log.messages)
					if (message.rev > snapshot.rev) expect(state.get(message.seq)).toEqual(message);
				const news = room.told.filter(({ change }) => change === "message.created").map(({ seq }) => seq);
				const expected = log.messages.map(({ seq }) => seq).filter(seq => seq > snapshot.lastSeq);
				expect(news.toSorted((a, b) => Number(a) - Number(b))).toEqual(expected);
			},
		),
		{ numRuns: RUNS },
	);
	figure(
		"I14",
		`${inWords(RUNS)} orders of commit, snapshot and subscription: nothing missed, nothing twice`,
	);
});

test("I8: what a room tells rises in rev, whatever comes late, early, twice or not at all", () => {
	fc.assert(
		fc.property(fc.array(step, { maxLength: 60 }), steps => {
			const revs = run(steps, 1_000).room.told.map(({ rev }) => rev);
			for (const [i, rev] of revs.entries()) if (i > 0) expect(rev).toBeGreaterThan(revs[i - 1] as number);
		}),
		{ numRuns: 1_000 },
	);
});

const at = (rev: number, more: Partial<RoomEvent> = {}): RoomEvent => ({
	change: "message.created",
	chatId: "c",
	rev,
	seq: rev,
	epoch: 1,
	data: {} as Message,
	...more,
});

test("an early event waits for those before it", () => {
	const order = new RoomOrder({ rev: 0, lastSeq: 0, epoch: 1 }, 10);
	order.take(at(2));
	expect(order.next()).toBeUndefined();
	expect(order.isBehind).toBe(true);
	order.take(at(1));
	order.told(order.next() as RoomEvent);
	expect(order.next()?.rev).toBe(2);
});

test("more early events than the bound are not kept, but known of", () => {
	const order = new RoomOrder({ rev: 0, lastSeq: 0, epoch: 1 }, 10);
	for (let rev = 2; rev <= 50; rev++) order.take(at(rev));
	expect(order.isFull).toBe(true);
	order.filled({ ...new Log().gap(0), rev: 11 });
	expect(order.next()).toBeUndefined();
	expect(order.isBehind).toBe(true);
});

test("late events take no room", () => {
	const order = new RoomOrder({ rev: 100, lastSeq: 100, epoch: 1 }, 10);
	for (let rev = 1; rev <= 100; rev++) order.take(at(rev));
	expect([order.isFull, order.isBehind]).toEqual([false, false]);
});

test("members are read first where an event's epoch is not the one that is known", () => {
	const order = new RoomOrder({ rev: 0, lastSeq: 0, epoch: 3 }, 10);
	expect(order.distrusts(at(1, { epoch: 3 }))).toBe(false);
	expect(order.distrusts(at(1, { epoch: 2 }))).toBe(false);
	expect(order.distrusts(at(1, { epoch: 4 }))).toBe(true);
	expect(order.distrusts(at(1, { epoch: 4, change: "member.left" }))).toBe(false);
	expect(order.distrusts(at(1, { epoch: 5, change: "member.left" }))).toBe(true);
});

test("a gap that nothing explains is told as the chat's change, and one too wide as that alone", () => {
	const order = new RoomOrder({ rev: 4, lastSeq: 4, epoch: 1 }, 10);
	const chat = { id: "c", rev: 9, lastSeq: 6 } as Chat;
	const message = { id: "m6", seq: 6, rev: 6 } as Message;
	const gap: Gap = { rev: 9, epoch: 1, messages: [message], members: [], chat, hasMore: false, reset: false };
	expect([...order.fill(gap)].map(({ change, rev }) => [change, rev])).toEqual([
		["message.created", 6],
		["chat.updated", 9],
	]);
	// At a reset, `hasMore` speaks of older messages.
	const reset = { ...gap, reset: true, hasMore: true };
	expect([...order.fill(reset)].map(({ change }) => change)).toEqual(["chat.updated"]);
	order.filled(reset);
	expect([order.rev, order.lastSeq]).toEqual([9, 6]);
});

test("members in a gap have joined, left or changed, in the order of their revisions", () => {
	const order = new RoomOrder({ rev: 4, lastSeq: 4, epoch: 1 }, 10);
	const member = { chatId: "c", leftAt: null, joinedSeq: 1 } as Gap["members"][number];
	const members = [
		{ ...member, userId: "left", leftAt: "2026-01-01T00:00:00.000Z", rev: 7 },
		{ ...member, userId: "changed", rev: 6 },
		{ ...member, userId: "joined", joinedSeq: 4, rev: 5 },
	];
	const chat = { id: "c", rev: 7, lastSeq: 4 } as Chat;
	const gap: Gap = { rev: 7, epoch: 2, messages: [], members, chat, hasMore: false, reset: false };
	expect([...order.fill(gap)].map(({ change, rev }) => [change, rev])).toEqual([
		["member.joined", 5],
		["member.updated", 6],
		["member.left", 7],
	]);
});
