import { afterAll, beforeAll, expect, test } from "@jest/globals";
import pg from "pg";
import type { Chat } from "../../contracts/chats.ts";
import type { CloudEvent } from "../../contracts/kafka.ts";
import type { Message } from "../../contracts/messages.ts";
import { readTopic } from "../support/events.ts";
import { goHome, ok, type Person, people } from "../support/people.ts";
import { eventually } from "../support/stage.ts";
import { acked } from "../support/verdict.ts";

/** Each look at a topic takes a consumer of its own. */
const LIMIT_MS = 120_000;
// Only the cluster has Kafka, and a PostgreSQL that others reach.
const run = process.env.PARLEY_FORM === "cluster" ? test : test.skip;
const inCluster = (name: string, work: () => Promise<void>) => run(name, work, LIMIT_MS);
const { PARLEY_NAMESPACE: namespace, TEST_KAFKA_BROKERS: brokers = "", TEST_DATABASE_URL } = process.env;

interface OnKafka {
	key: string;
	partition: number;
	event: CloudEvent<Record<string, unknown>>;
}

let ann: Person;
let ben: Person;

beforeAll(async () => {
	[ann, ben] = await people("ann", "ben");
});

afterAll(goHome);

/** What a plain consumer reads in a topic about a chat or user, once `enough` of it is there. */
async function consumed(
	topic: string,
	subject: string,
	enough: (found: OnKafka[]) => boolean = found => found.length > 0,
): Promise<OnKafka[]> {
	const read = async () => {
		const records = await readTopic(brokers, `${namespace}.${topic}`);
		return records
			.filter(({ key }) => key === subject)
			.map(({ key, partition, value }) => ({ key, partition, event: JSON.parse(value) }) as OnKafka);
	};
	return eventually(read, enough, 30_000);
}

/** First occurrences: an event may appear more than once. */
const once = (found: OnKafka[]) => [...new Map(found.map(({ event }) => [event.id, event])).values()];

inCluster(
	"a message sent to one node reaches a member on the other, is in PostgreSQL, and is on Kafka in both its topics",
	async () => {
		const chat = await ann.group(ben);
		const listener = await ben.receiver();
		const { message } = await acked(await ann.sender(), "message", {
			chatId: chat.id,
			content: "to everywhere",
		});
		expect(await listener.waitFor("message", ({ id }) => id === message.id)).toEqual(message);

		const client = new pg.Client({ connectionString: TEST_DATABASE_URL });
		await client.connect();
		const { rows } = await client.query(
			`SELECT chat_id, seq::int, rev::int, sender_id, content FROM "${namespace}".messages WHERE id = $1`,
			[message.id],
		);
		await client.end();
		const { id, seq, rev } = message as Message;
		expect(rows).toEqual([{ chat_id: chat.id, seq, rev, sender_id: ann.id, content: "to everywhere" }]);

		const own = await consumed("message.created", chat.id);
		const all = await consumed("chat.events", chat.id, found =>
			found.some(({ event }) => event.type === "message.created"),
		);
		const [{ event } = { event: null }] = own;
		expect(event).toEqual({
			specversion: "1.0",
			id: expect.stringMatching(/^[0-9a-f-]{36}$/),
			source: expect.any(String),
			type: "message.created",
			subject: chat.id,
			time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
			datacontenttype: "application/json",
			dataschema: expect.any(String),
			data: { ...message, actorId: ann.id, rev, seq },
		});
		expect(event?.data).toMatchObject({ id });
		expect(all.find(({ event }) => event.type === "message.created")?.event).toEqual(event);
	},
);

inCluster("all of a chat's events stand in one topic and partition, in order of `rev`", async () => {
	const chat = await ann.group(ben);
	const message = await ann.say(chat.id, "one");
	for (let i = 0; i < 20; i++) await (i % 2 ? ann : ben).say(chat.id, `${i}`);
	ok(await ann.rest.patch(`/messages/${message.id}`, { content: "one!" }));
	ok(await ann.rest.put(`/messages/${message.id}/pin`));
	ok(await ann.rest.delete(`/messages/${message.id}/pin`));
	ok(await ben.rest.put(`/messages/${message.id}/reactions/x`));
	ok(await ann.rest.patch(`/chats/${chat.id}`, { name: "renamed" }));
	ok(await ann.rest.patch(`/chats/${chat.id}/members/${ben.id}`, { role: "moderator" }));
	ok(await ann.rest.delete(`/messages/${message.id}`));
	ok(await ben.rest.post(`/chats/${chat.id}/leave`));
	ok(await ann.rest.delete(`/chats/${chat.id}`));
	const found = await consumed("chat.events", chat.id, all =>
		all.some(({ event }) => event.type === "chat.deleted"),
	);
	expect(new Set(found.map(({ partition }) => partition)).size).toBe(1);
	const events = once(found);
	const types = events.map(({ type }) => type).filter(type => type !== "message.read");
	expect(types).toEqual([
		"chat.created",
		...Array(2).fill("user.joined.chat"),
		...Array(21).fill("message.created"),
		"message.updated",
		"message.pinned",
		"message.unpinned",
		"message.reacted",
		"chat.updated",
		"chat.updated",
		"message.deleted",
		"user.left.chat",
		"chat.deleted",
	]);
	const revs = events.filter(({ type }) => type !== "user.joined.chat").flatMap(({ data }) => data.rev ?? []);
	expect(revs).toEqual(Array.from({ length: 31 }, (_, i) => chat.rev + i));
	const deleted = events.find(({ type }) => type === "message.deleted");
	expect(deleted?.data).toMatchObject({ id: message.id, content: null, actorId: ann.id });
});

inCluster("reading, forwarding, and what a user does with themselves have topics of their own", async () => {
	const [from, to] = [await ann.group(ben), await ann.group()];
	const message = await ben.say(from.id, "worth telling");
	ok(await ann.rest.post(`/chats/${from.id}/read`));
	ok(await ann.rest.post(`/messages/${message.id}/forward`, { chatIds: [to.id] }));
	ok(await ann.rest.patch("/users/me", { displayName: "Ann of Kafka" }));

	const [read] = await consumed("message.read", from.id);
	expect(read?.event.data).toMatchObject({ chatId: from.id, userId: ann.id, readSeq: 1, actorId: ann.id });
	const forwarded = await consumed("chat.events", to.id, all =>
		all.some(({ event }) => event.type === "message.forwarded"),
	);
	expect(
		once(forwarded)
			.map(({ type }) => type)
			.slice(-2),
	).toEqual(["message.created", "message.forwarded"]);
	const [registered] = await consumed("user.registered", ann.id);
	expect(registered?.event.data).toMatchObject({ id: ann.id, username: ann.username });
	expect(JSON.stringify(registered)).not.toContain(ann.password);
	const [updated] = await consumed("user.updated", ann.id);
	expect(updated?.event).toMatchObject({ subject: ann.id, data: { displayName: "Ann of Kafka" } });
});

inCluster("who comes, goes and types is told beside the log", async () => {
	const dan = (await people("dan"))[0];
	const chat: Chat = await dan.group(ben);
	const socket = await dan.sender();
	await acked(socket, "chat:join", { chatId: chat.id });
	await acked(socket, "typing", { chatId: chat.id, isTyping: true });
	await acked(socket, "typing", { chatId: chat.id, isTyping: false });
	const [online] = await consumed("user.online", dan.id);
	expect(online?.event).toMatchObject({ type: "user.online", subject: dan.id });
	const [typing] = await consumed("user.typing", chat.id);
	expect(typing?.event.data).toMatchObject({ chatId: chat.id, userId: dan.id, isTyping: true });
	socket.close();
	const [offline] = await consumed("user.offline", dan.id);
	expect(offline?.event).toMatchObject({ type: "user.offline", subject: dan.id });
});
