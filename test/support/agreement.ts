/** Whether what clients hold is what the server has: every difference in words. */
import { isDeepStrictEqual } from "node:util";
import type { ChatState, Message, ShownMessage } from "../../client/api.ts";
import type { Database } from "../../client/storage.ts";
import type { Message as WireMessage } from "../../contracts/messages.ts";
import type { Truth, World } from "./chaos.ts";

type Held = Pick<Message, "id"> & { seq: number | null };

/** What raises a revision: what is derived at read is left out, and so is what only the view adds. */
function bare(message: Held): Record<string, unknown> {
	const { thread, status, key, isOwn, delivery, change, ...facts } = message as unknown as ShownMessage;
	return facts;
}

const said = (value: unknown) => JSON.stringify(value);

/** Each way in which the world is not yet, or not any more, as it should be; none when all agree. */
export async function differences(world: World): Promise<string[]> {
	const found: string[] = [];
	for (const [index, { client }] of world.devices.entries()) {
		const { status } = client.connection.get();
		if (status !== "online") found.push(`device ${index}: is ${status}`);
		if (client.waiting.get() > 0) found.push(`device ${index}: ${client.waiting.get()} wait`);
		for (const chatId of world.chatIds) {
			const { status, error } = client.chat(chatId).state.get();
			if (status !== "live" && status !== "gone") found.push(`device ${index}: ${status}, ${error?.message}`);
		}
	}
	// The server need not be asked.
	if (found.length > 0) return found;
	const truth = await world.truth();
	for (const [index, device] of world.devices.entries()) {
		const { client } = device;
		const at = (what: string) => found.push(`device ${index}: ${what}`);
		for (const chatId of world.chatIds) {
			const is = client.chat(chatId).state.get();
			const should = truth.get(`${chatId} ${world.personOf(index)}`) ?? null;
			const chat = `chat ${world.chatIds.indexOf(chatId)}`;
			for (const difference of chatDifferences(is, should)) at(`${chat}: ${difference}`);
			const entry = client.inbox.get().items.find(item => item.chat.id === chatId);
			const unread = should?.self ? should.chat.lastSeq - should.self.readSeq : undefined;
			if (entry?.unread !== unread) at(`${chat}: inbox says ${entry?.unread} unread, not ${unread}`);
		}
	}
	return [...found, ...sendDifferences(world, truth)];
}

function* chatDifferences(is: ChatState, should: Truth | null): Generator<string> {
	if (!should) {
		if (is.status !== "gone") yield `is ${is.status}, though one is not in it`;
		return;
	}
	if (is.status !== "live") return yield `is ${is.status}, ${is.error?.message}`;
	if (is.cursor !== should.rev) return yield `is at ${is.cursor}, not ${should.rev}`;
	const { name, memberCount, lastSeq, rev } = should.chat;
	const facts = { name, memberCount, lastSeq, rev };
	const held = {
		name: is.chat?.name,
		memberCount: is.chat?.memberCount,
		lastSeq: is.chat?.lastSeq,
		rev: is.chat?.rev,
	};
	if (!isDeepStrictEqual(held, facts)) yield `is ${said(held)}, not ${said(facts)}`;
	const unread = should.self ? lastSeq - should.self.readSeq : 0;
	if (is.unread !== unread) yield `${is.unread} unread, not ${unread}`;
	const bySeq = new Map(should.messages.map(message => [message.seq, message]));
	const messages = is.messages.filter(({ seq }) => seq !== null);
	for (const [index, message] of messages.entries()) {
		const real = bySeq.get(message.seq ?? 0);
		if (index > 0 && message.seq !== (messages[index - 1]?.seq ?? 0) + 1)
			yield `a hole before ${message.seq}`;
		if (!real || !isDeepStrictEqual(bare(message), bare(real)))
			yield `message ${said(bare(message))} is not ${said(real && bare(real))}`;
		if (message.delivery.state !== "failed" && message.change?.state === "pending")
			yield `${message.seq} still changes`;
	}
	const [first, last] = [messages[0]?.seq ?? lastSeq + 1, messages.at(-1)?.seq ?? lastSeq];
	if (is.hasOlder !== first > 1 || is.hasNewer !== last < lastSeq)
		yield `shows ${first} to ${last} of ${lastSeq}`;
	if (!is.membersComplete) return yield "lacks members";
	const people = (all: Truth["members"]) =>
		all
			.filter(({ leftAt }) => !leftAt)
			.map(({ userId, role, joinedSeq, readSeq }) => ({ userId, role, joinedSeq, readSeq }))
			.sort((a, b) => (a.userId < b.userId ? -1 : 1));
	const [those, these] = [people([...is.members]), people(should.members)];
	if (!isDeepStrictEqual(those, these)) yield `members ${said(those)} are not ${said(these)}`;
}

/** Every send that was not refused or given up is there once; those of one tab are in their order. */
function* sendDifferences(world: World, truth: ReadonlyMap<string, Truth | null>): Generator<string> {
	const failed = new Set(world.devices.flatMap(device => device.failed.map(({ key }) => key)));
	for (const chatId of world.chatIds) {
		const there = truth.get(`${chatId} 0`)?.messages ?? [];
		for (const [device] of world.devices.entries()) {
			const places = world.sent
				.filter(sent => sent.device === device && sent.chatId === chatId)
				.flatMap(({ clientId }) => {
					const found = there.filter(message => message.clientId === clientId);
					return [{ clientId, found, isFree: failed.has(clientId) || world.givenUp.has(clientId) }];
				});
			for (const { clientId, found, isFree } of places)
				if (found.length > 1 || (found.length === 0 && !isFree))
					yield `send ${clientId} is there ${found.length} times`;
			const seqs = places.filter(({ isFree }) => !isFree).map(({ found }) => found[0]?.seq ?? 0);
			if (seqs.some((seq, index) => index > 0 && seq < (seqs[index - 1] ?? 0)))
				yield `sends of device ${device} are out of order: ${seqs}`;
		}
	}
}

interface Stored {
	chatId: string;
	cursor: number;
	chat: { lastSeq: number };
	segments: [number, number][];
}

/** What the storage says of itself: that every segment is whole, and as the server was at the cursor. */
export async function storedDifferences(
	db: Database,
	truth: ReadonlyMap<string, Truth | null>,
	person: number,
) {
	const found: string[] = [];
	const stored = await db.read(tx => tx.range<Stored>("chats", "", "\\uffff", 100));
	for (const { chatId, cursor, chat, segments } of stored) {
		const should = truth.get(`${chatId} ${person}`);
		// Behind it is right in itself, and brought forward at the next opening; then the server is no measure.
		if (!should || cursor !== should.rev) continue;
		if (chat.lastSeq !== should.chat.lastSeq) found.push(`stored: ends at ${chat.lastSeq}`);
		for (const [from, to] of segments) {
			const rows = await db.read(tx =>
				tx.range<WireMessage>("messages", [chatId, from], [chatId, to], to - from + 2),
			);
			const real = should.messages
				.filter(({ seq }) => from <= seq && seq <= to)
				.sort((a, b) => a.seq - b.seq);
			if (!isDeepStrictEqual(rows.map(bare), real.map(bare)))
				found.push(`stored: ${from} to ${to} at ${cursor} are not as the server's`);
		}
	}
	return found;
}
