import { afterEach, expect, test } from "@jest/globals";
import type { Message } from "../../contracts/messages.ts";
import { clientOf, endClients, enter, newBrowser, TIMES, until } from "../support/clients.ts";
import { faultyLine } from "../support/faulty-line.ts";
import { ok, people } from "../support/people.ts";

afterEach(endClients);

test("a tab that cannot connect leaves the sending to one that can, and sends again when it is online", async () => {
	const [ann, ben] = await people("ann", "ben");
	const chat = await ann.group(ben);
	const line = await faultyLine(ann.urls[0] as string);
	const tab = newBrowser();
	let hasToken = true;
	const token = () => (hasToken ? ann.token : Promise.reject(new Error("There is no token.")));
	// Never unreachable, which after a stall would come at once.
	const times = { ...TIMES, unreachableMs: 600_000 };
	const first = await enter(ann, { url: line.url, platform: tab(), token, times });
	first.chat(chat.id).send({ content: "by the first" });
	await until(first.waiting, waiting => waiting === 0);
	const second = clientOf(ann, { url: line.url, platform: tab() });
	second.connect();
	await second.ready();
	hasToken = false;
	line.cut();
	await until(first.connection, ({ status }) => status === "reconnecting");
	await second.ready();
	first.chat(chat.id).send({ content: "in the first, by the second" });
	second.chat(chat.id).send({ content: "by the second" });
	await until(second.waiting, waiting => waiting === 0);
	await until(first.waiting, waiting => waiting === 0);

	hasToken = true;
	first.connect();
	await first.ready();
	second.disconnect();
	first.chat(chat.id).send({ content: "by the first again" });
	await until(first.waiting, waiting => waiting === 0);
	const { items } = ok<{ items: Message[] }>(await ann.rest.get(`/chats/${chat.id}/messages?limit=200`));
	expect(items.map(({ content }) => content)).toEqual([
		"by the first",
		"in the first, by the second",
		"by the second",
		"by the first again",
	]);
	await line.close();
});
