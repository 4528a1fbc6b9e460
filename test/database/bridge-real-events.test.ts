/** What the services really put into the outbox is what the published schemas say: all of it, and nothing besides. */
import "../support/env.ts";

import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Ajv2020 } from "ajv/dist/2020.js";
import * as auth from "../../contracts/auth.ts";
import { CHANGES } from "../../contracts/changes.ts";
import * as chats from "../../contracts/chats.ts";
import { eventSchema, type JsonSchema } from "../../contracts/event-schemas.ts";
import type { ParleyEvent } from "../../contracts/kafka.ts";
import * as messages from "../../contracts/messages.ts";
import * as users from "../../contracts/users.ts";
import authService from "../../services/auth/auth.service.ts";
import chatsService from "../../services/chats/chats.service.ts";
import messagesService from "../../services/messages/messages.service.ts";
import usersService from "../../services/users/users.service.ts";
import { testBroker } from "../support/broker.ts";
import { eventually } from "../support/events.ts";

let t: Awaited<ReturnType<typeof testBroker>>;
let events: ParleyEvent[];

beforeAll(async () => {
	t = await testBroker(authService, usersService, chatsService, messagesService);
	const register = async (username: string) => {
		const password = "correct horse";
		const { user } = await t.as("")(auth.register, { username, email: `${username}@example.com`, password });
		return user.id;
	};
	const [annId, bobId, cidId] = [await register("ann"), await register("bob"), await register("cid")];
	const [ann, bob] = [t.as(annId), t.as(bobId)];
	await ann(users.update, {
		displayName: "Ann",
		avatarUrl: "https://example.com/ann.png",
		metadata: { a: [1] },
	});

	const group = await ann(chats.create, { type: "group", participantIds: [bobId], name: "a group" });
	const other = await ann(chats.create, { participantIds: [bobId] });
	await ann(chats.addMembers, { chatId: group.id, userIds: [cidId] });
	await ann(chats.updateMember, { chatId: group.id, userId: bobId, role: "moderator" });
	await ann(chats.updateMember, { chatId: group.id, userId: cidId, silencedUntil: "2099-01-01T00:00:00Z" });
	const sent = await ann(messages.send, {
		chatId: group.id,
		content: "hello",
		mentions: [bobId],
		metadata: { b: 1 },
	});
	await ann(messages.send, { chatId: group.id, content: "again", replyToId: sent.id });
	const messageId = sent.id;
	await bob(messages.react, { messageId, emoji: "👍" });
	await bob(messages.read, { messageId });
	await ann(messages.update, { messageId, content: "hullo" });
	await ann(messages.pin, { messageId });
	await ann(messages.unpin, { messageId });
	await ann(messages.forward, { messageId, chatIds: [other.id], clientId: "f" });
	const thread = await bob(chats.thread, { messageId });
	await ann(messages.send, { chatId: thread.id, content: "in a thread" });
	await ann(chats.update, { chatId: group.id, name: "another name", description: "words" });
	await ann(messages.remove, { messageId });
	await bob(chats.leave, { chatId: group.id });
	await ann(chats.remove, { chatId: group.id });
	// Read marks are coalesced.
	await eventually(async () => {
		const rows = await t.db.query<{ event: string }>(`SELECT event FROM ${t.db.t.outbox} ORDER BY id`);
		events = rows.map(({ event }) => JSON.parse(event));
		return events.some(({ type }) => type === "message.read");
	});
}, 60_000);
afterAll(() => t.stop());

/** The same schema, but with nothing that it does not name; free-form objects stay so. */
function closed(schema: JsonSchema): JsonSchema {
	const { properties, items, anyOf } = schema;
	return {
		...schema,
		...(properties && {
			additionalProperties: false,
			properties: Object.fromEntries(
				Object.entries(properties).map(([name, inner]) => [name, closed(inner)]),
			),
		}),
		...(items && { items: closed(items) }),
		...(anyOf && { anyOf: anyOf.map(closed) }),
	};
}

test("every type of durable event is among them", () => {
	const types = new Set<string>(events.map(({ type }) => type));
	const missing = new Set(Object.values(CHANGES).map(({ type }) => type)).difference(types);
	expect([...missing]).toEqual([]);
});

test("each is as its schema says, with no field that the schema does not name", () => {
	const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true });
	const problems = events.flatMap(event => {
		const { $id: _, ...schema } = closed(eventSchema(event.type));
		const validate = ajv.compile(schema);
		return validate(event) ? [] : [`${event.type}: ${ajv.errorsText(validate.errors)}`];
	});
	expect(problems).toEqual([]);
});

test("in each chat the revisions of its events never go back", () => {
	const last = new Map<string, number>();
	for (const { subject, data } of events) {
		if (!("rev" in data) || data.rev === undefined) continue;
		expect(data.rev).toBeGreaterThanOrEqual(last.get(subject) ?? 0);
		last.set(subject, data.rev);
	}
});
