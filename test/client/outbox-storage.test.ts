import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import type { Database, Storage, Tx } from "../../client/storage.ts";
import type { Chat } from "../../contracts/chats.ts";
import type { Message } from "../../contracts/messages.ts";
import { endClients, enter, newBrowser, until } from "../support/clients.ts";
import { ok, type Person, people } from "../support/people.ts";

let ann: Person;
let ben: Person;
let chat: Chat;

beforeEach(async () => {
	[ann, ben] = await people("ann", "ben");
	chat = await ann.group(ben);
});

afterEach(() => {
	endClients();
	jest.restoreAllMocks();
});

/** A storage that copies what it is given, as browsers do, and refuses some of it. */
function strict(refuses: (value: unknown) => boolean) {
	const platform = newBrowser()();
	const inner = platform.storage as Storage;
	const put =
		(tx: Tx): Tx["put"] =>
		(table, key, value) => {
			if (refuses(value)) throw new Error("It is full.");
			return tx.put(table, key, structuredClone(value));
		};
	const open = async (name: string): Promise<Database> => {
		const db = await inner.open(name);
		return { ...db, write: work => db.write(tx => work({ ...tx, put: put(tx) })) };
	};
	return { ...platform, storage: { open } };
}

const history = async (id: string) =>
	ok<{ items: Message[] }>(await ann.rest.get(`/chats/${id}/messages?limit=200`)).items;

test("a draft is copied: what a framework wraps can be sent, and what is changed later is not", async () => {
	const client = await enter(ann, { platform: strict(() => false) });
	const metadata = new Proxy({ order: { id: 7 } }, {});
	const sent = client.chat(chat.id).send({ content: "wrapped", metadata });
	metadata.order.id = 8;
	expect(sent.metadata).toEqual({ order: { id: 7 } });
	await until(client.waiting, waiting => waiting === 0);
	expect(await history(chat.id)).toMatchObject([{ content: "wrapped", metadata: { order: { id: 7 } } }]);
});

test("metadata that cannot be sent is refused at once, and stops nothing", async () => {
	const client = await enter(ann, { platform: strict(() => false) });
	const round: Record<string, unknown> = {};
	round.self = round;
	for (const metadata of [round, { count: 1n }, { text: "é".repeat(2_049) }])
		expect(() => client.chat(chat.id).send({ content: "no", metadata })).toThrow(
			expect.objectContaining({
				code: "VALIDATION_ERROR",
				errors: [expect.objectContaining({ field: "metadata" })],
			}),
		);
	client.chat(chat.id).send({ content: "yes", metadata: { text: "é".repeat(2_000) } });
	await until(client.waiting, waiting => waiting === 0);
	expect((await history(chat.id)).map(({ content }) => content)).toEqual(["yes"]);
});

test("what cannot be stored of one chat holds up no other, and can be given up", async () => {
	jest.spyOn(console, "error").mockImplementation(() => {});
	const other = await ann.group(ben);
	const isOp = (value: unknown): value is { chatId: string } =>
		typeof value === "object" && value !== null && "kind" in value && "chatId" in value;
	const client = await enter(ann, { platform: strict(value => isOp(value) && value.chatId === chat.id) });
	const { key } = client.chat(chat.id).send({ content: "refused by the device" });
	client.chat(other.id).send({ content: "stored" });
	await until(client.waiting, waiting => waiting === 1);
	expect(await history(other.id)).toHaveLength(1);
	client.chat(chat.id).discard(key);
	await until(client.waiting, waiting => waiting === 0);
	expect(await history(chat.id)).toEqual([]);
});
