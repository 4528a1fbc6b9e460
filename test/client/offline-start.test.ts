import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { Platform } from "../../client/api.ts";
import { createSession } from "../../client/session.ts";
import type { Storage } from "../../client/storage.ts";
import { clientOf, endClients, newBrowser, until } from "../support/clients.ts";
import { type FaultyLine, faultyLine } from "../support/faulty-line.ts";
import { type Person, people } from "../support/people.ts";

let ann: Person;
let ben: Person;
let line: FaultyLine;
let tab: () => Platform;
let chatId: string;

beforeEach(async () => {
	[ann, ben] = await people("ann", "ben");
	chatId = (await ben.group(ann)).id;
	await ben.say(chatId, "kept");
	line = await faultyLine(ann.urls[0] as string);
	tab = newBrowser();
});

afterEach(async () => {
	endClients();
	await line.close();
});

const database = (who: Person) => (tab().storage as Storage).open(`parley ${line.url} ${who.id}`);
const stored = async (who: Person) => {
	const db = await database(who);
	const chats = await db.read(tx => tx.range("chats", "", "\uffff", 10));
	return chats.length + (await db.read(tx => tx.range("kv", "", "\uffff", 10))).length;
};

/** Uses the client online, as an earlier visit did. */
async function visit(who: Person, options: Partial<Parameters<typeof clientOf>[1]> = {}): Promise<void> {
	const client = clientOf(who, { url: line.url, platform: tab(), ...options });
	client.connect();
	client.chat(chatId).open();
	await client.chat(chatId).ready();
	for (let tries = 0; (await stored(who)) < 3 && tries < 200; tries++)
		await new Promise(done => setTimeout(done, 50));
	client.disconnect();
}

const sessionIn = () => createSession({ url: line.url, platform: tab() });

/** No network, and what the session had of tokens has run out. */
async function laterOffline(): Promise<void> {
	line.block(true);
	line.cut();
	const db = await (tab().storage as Storage).open(`parley session ${line.url}`);
	await db.write(async tx => {
		const session = await tx.get<object>("kv", "session");
		await tx.put("kv", "session", { ...session, expiresAt: 0 });
	});
}

test("a start without a network, long after the last token ran out, shows what is stored of who is signed in", async () => {
	const before = sessionIn();
	await before.signIn({ login: ann.username, password: ann.password });
	await visit(ann, { token: before.token });
	await laterOffline();
	const client = clientOf(ann, { url: line.url, token: sessionIn().token, platform: tab() });
	client.chat(chatId).open();
	client.connect();
	const { items } = await until(client.inbox, ({ loaded }) => loaded);
	expect(items.map(({ lastMessage }) => lastMessage?.content)).toEqual(["kept"]);
	await until(client.chat(chatId).state, ({ messages }) => messages[0]?.content === "kept");
	expect(client.me.get()?.id).toBe(ann.id);
	expect(client.connection.get().status).not.toBe("online");
});

const noToken = () => Promise.reject(new Error("There is no network."));

test.each([
	["by its session", "session"],
	["by the application's name for the user", "account"],
	["as the only user of the device", "only"],
])("signing out without a network erases what is stored: %s", async (_, by) => {
	const session = sessionIn();
	await session.signIn({ login: ann.username, password: ann.password });
	await visit(ann, { token: session.token, ...(by === "account" && { account: "user 7" }) });
	if (by !== "only") await visit(ben);
	await laterOffline();
	const client = clientOf(ann, {
		url: line.url,
		platform: tab(),
		token: by === "session" ? sessionIn().token : noToken,
		...(by === "account" && { account: "user 7" }),
	});
	expect(await stored(ann)).toBeGreaterThan(0);
	if (by !== "account") client.connect();
	await client.signOut();
	expect(await stored(ann)).toBe(0);
	if (by !== "only") expect(await stored(ben)).toBeGreaterThan(0);
});

test("where it cannot be known who signs out, nobody else's is erased", async () => {
	await visit(ann);
	await visit(ben);
	line.block(true);
	const client = clientOf(ann, { url: line.url, platform: tab(), token: noToken });
	client.connect();
	await client.signOut();
	expect([await stored(ann), await stored(ben)].every(count => count > 0)).toBe(true);
});
