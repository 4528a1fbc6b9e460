import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { Chat } from "../../contracts/chats.ts";
import { until } from "../support/clients.ts";
import { Device } from "../support/devices.ts";
import { ok, type Person, people, urls } from "../support/people.ts";

let ann: Person;
let ben: Person;
let chat: Chat;
let device: Device;

beforeEach(async () => {
	[ann, ben] = await people("ann", "ben");
	chat = await ann.group(ben);
});

afterEach(() => device.end());

async function opened(): Promise<Device> {
	device = await Device.on(urls()[0] as string, ben, { ackMs: 20_000 });
	device.open(chat.id);
	await device.chat(chat.id).ready();
	return device;
}

test("answers in a thread that came during a break are counted after it, each time", async () => {
	const { id } = await ann.say(chat.id, "what do you think?");
	const { line, client } = await opened();
	const { id: threadId } = ok<Chat>(await ann.rest.post(`/messages/${id}/thread`, {}));
	for (const count of [1, 2]) {
		line.block(true);
		line.cut();
		await until(client.connection, ({ status }) => status !== "online");
		await ann.say(threadId, "an answer");
		line.block(false);
		await until(client.chat(chat.id).state, ({ messages }) => messages[0]?.thread?.count === count);
	}
});

test("a change that was asked for before its message was shown can be given up where it is shown", async () => {
	const theirs = await ann.say(chat.id, "ann's");
	const own = await ben.say(chat.id, "ben's own");
	for (let n = 0; n < 60; n++) await ann.say(chat.id, `words ${n}`);
	const { client, failed } = await opened();
	const handle = client.chat(chat.id);
	expect(handle.state.get().messages[0]?.seq).toBeGreaterThan(2);
	handle.pin(own.id);
	handle.edit(theirs.id, { content: "ben's" });
	await until(client.waiting, waiting => waiting === 0);
	expect(failed.length).toBeGreaterThan(0);
	await handle.loadOlder();
	for (const { key } of failed) {
		const shown = () => handle.state.get().messages.find(({ id, key: now }) => id === key || now === key);
		await until(handle.state, () => shown()?.change?.state === "failed");
		handle.discard(shown()?.key as string);
		await until(handle.state, () => shown()?.change === null);
	}
	expect(failed.map(({ key }) => key)).toContain(own.id);
});
