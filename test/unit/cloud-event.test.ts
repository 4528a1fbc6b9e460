import { expect, test } from "@jest/globals";
import type { LogEvent } from "../../contracts/changes.ts";
import { newId } from "../../lib/ids.ts";
import { keepText, textOf, textWith } from "../../lib/json-text.ts";
import { cloudEventText, toCloudEvent } from "../../lib/log/cloud-event.ts";

const chatId = newId();
const eventOf = (change: string, data: object, more: object = {}) =>
	({
		change,
		id: newId(),
		chatId,
		rev: 7,
		seq: 3,
		epoch: 1,
		actorId: newId(),
		at: "2026-01-02T03:04:05.006Z",
		data,
		...more,
	}) as LogEvent;
const message = () => ({
	id: newId(),
	chatId,
	seq: 3,
	rev: 7,
	content: '"quoted"\n</script>',
	metadata: { a: [1, null] },
});

test.each([
	["a message", () => eventOf("message.created", message())],
	[
		"a message that is told with another revision than its own",
		() => eventOf("message.updated", message(), { rev: 9 }),
	],
	["a message without a place in the order", () => eventOf("message.deleted", message(), { seq: null })],
	[
		"a member",
		() =>
			eventOf("member.left", { chatId, rev: 7, member: { userId: newId(), role: "member" } }, { seq: null }),
	],
	["a chat", () => eventOf("chat.updated", { id: chatId, name: "x", rev: 7 }, { seq: null })],
])("the text of %s is that of its event", (_what, make) => {
	const event = make();
	expect(cloudEventText(event, "parley")).toBe(JSON.stringify(toCloudEvent(event, "parley")));
	// And once more, when its text is known.
	expect(cloudEventText(event, "parley")).toBe(JSON.stringify(toCloudEvent(event, "parley")));
});

test("what has a text is told by it, and a changed copy by its own", () => {
	const data = message();
	const text = keepText(data);
	const copy = { ...data, content: "changed" };
	expect(textOf(data)).toBe(text);
	expect(textOf(copy)).toBe(JSON.stringify(copy));
	const answer = { status: "ok", message: data, none: undefined, empty: null, list: [copy] };
	expect(textWith(answer)).toBe(JSON.stringify(answer));
});
