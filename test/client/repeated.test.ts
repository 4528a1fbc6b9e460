/** Calls outside the outbox, over breaks of the connection: what may be repeated is, once and within the time of a call. */
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { Client } from "../../client/api.ts";
import { repeatable } from "../../client/connection/calls.ts";
import type { Chat } from "../../contracts/chats.ts";
import { clientOf, endClients, enter, until } from "../support/clients.ts";
import { ok, type Person, people } from "../support/people.ts";
import { proxy, type TcpProxy } from "../support/proxy.ts";
import { eventually } from "../support/stage.ts";

/** Longer than a stall, so that only what is repeated comes to an end in time. */
const PATIENT = {
	graceMs: 300,
	unreachableMs: 60_000,
	retryMinMs: 20,
	retryMaxMs: 300,
	heartbeatMs: 2_000,
	ackMs: 60_000,
};

let ann: Person;
let ben: Person;
let chat: Chat;
let wire: TcpProxy;

beforeEach(async () => {
	[ann, ben] = await people("ann", "ben");
	chat = await ann.group();
	wire = await proxy(ann.urls.at(-1) as string);
});

afterEach(async () => {
	endClients();
	await wire.close();
});

const online = (): Promise<Client> => enter(ann, { url: wire.url, times: PATIENT });
const isOnline = ({ status }: { status: string }) => status === "online";

/** Nobody can be reached until what is asked for meanwhile waits. */
async function duringBreak<T>(client: Client, ask: () => Promise<T>): Promise<T> {
	await wire.refuse();
	await until(client.connection, state => !isOnline(state));
	const asked = ask();
	await new Promise(done => setTimeout(done, 100));
	await wire.pass();
	return asked;
}

/** The server does what is asked for, and nobody hears of it; then the connections end. */
async function withoutAnswer<T>(ask: () => Promise<T>, isDone: () => Promise<boolean>): Promise<T> {
	wire.dropDown();
	const asked = ask();
	expect(await eventually(isDone, is => is)).toBe(true);
	await wire.pass();
	return asked;
}

const chatNow = async (id: string) => ann.rest.get<Chat>(`/chats/${id}`);

test("what is asked for during a break is answered over the next connection", async () => {
	for (let n = 0; n < 60; n++) await ann.say(chat.id, `words ${n}`);
	const client = await online();
	const handle = client.chat(chat.id);
	handle.open();
	await handle.ready();
	await duringBreak(client, () => handle.loadOlder());
	expect(handle.state.get().messages[0]?.seq).toBe(1);
	const made = await duringBreak(client, () =>
		client.createChat({ type: "group", participantIds: [ben.id] }),
	);
	expect(client.inbox.get().items.map(({ chat }) => chat.id)).toContain(made.id);
	await duringBreak(client, () => client.readAll());
	expect(client.inbox.get().totalUnread).toBe(0);
}, 60_000);

test("a forward whose answer was lost is not done twice", async () => {
	const { id } = await ann.say(chat.id, "pass it on");
	const target = await ann.group();
	const client = await online();
	const forward = () => client.chat(chat.id).forward(id, [target.id]);
	const isThere = async () => (await chatNow(target.id)).body.lastSeq === 1;
	const [message] = await withoutAnswer(forward, isThere);
	expect(message).toMatchObject({ chatId: target.id, content: "pass it on", seq: 1 });
	expect((await chatNow(target.id)).body.lastSeq).toBe(1);
});

test("a chat whose making was not answered is made once, though the application gave no key", async () => {
	const client = await online();
	const name = `made ${chat.id}`;
	const named = async () => {
		const { items } = ok<{ items: { chat: Chat }[] }>(await ann.rest.get("/inbox?limit=200"));
		return items.filter(({ chat }) => chat.name === name).map(({ chat }) => chat.id);
	};
	const make = () => client.rest("POST /chats", { type: "group", name, participantIds: [] });
	const made = await withoutAnswer(make, async () => (await named()).length > 0);
	expect(await named()).toEqual([made.id]);
});

test("who was removed, though the answer was lost, counts as removed, and who was never there does not", async () => {
	await ann.rest.post(`/chats/${chat.id}/members`, { userIds: [ben.id] });
	const client = await online();
	const remove = () => client.chat(chat.id).removeMember(ben.id);
	await withoutAnswer(remove, async () => (await chatNow(chat.id)).body.memberCount === 1);
	await expect(remove()).rejects.toMatchObject({ code: "NOT_FOUND" });
});

test("where nobody wants to be connected, or too many wait, a call fails at once", async () => {
	const idle = clientOf(ann, { url: wire.url, times: PATIENT });
	await wire.refuse();
	await expect(idle.chat(chat.id).forward(chat.id, [chat.id])).rejects.toMatchObject({ code: "UNAVAILABLE" });
	await expect(idle.rest("GET /users/me", {})).rejects.toMatchObject({ code: "UNAVAILABLE" });
	await wire.pass();
	const client = await online();
	const answers: Promise<unknown>[] = [];
	let failed = 0;
	await duringBreak(client, async () => {
		for (let n = 0; n < 150; n++)
			answers.push(
				client.rest("GET /users/me", {}).catch(({ code }) => (failed += Number(code === "UNAVAILABLE"))),
			);
		expect(
			await eventually(
				() => failed,
				count => count >= 50,
			),
		).toBeGreaterThanOrEqual(50);
	});
	await Promise.all(answers);
	expect(failed).toBeLessThan(60);
});

test("a call that waits ends with the connection that is no longer wanted", async () => {
	const client = await online();
	await wire.refuse();
	const asked = client.rest("GET /users/me", {});
	client.disconnect();
	await expect(asked).rejects.toMatchObject({ code: "UNAVAILABLE" });
});

test("signing in and out is never repeated; what makes something is, with a key", () => {
	for (const route of ["login", "register", "refresh", "logout", "password"])
		expect(repeatable(`POST /auth/${route}`, {})).toBeNull();
	const params = { chatId: "a chat" };
	expect(repeatable("GET /chats/:chatId", params)).toBe(params);
	expect(repeatable("POST /chats", params)).toEqual({ ...params, clientId: expect.any(String) });
	expect(repeatable("POST /chats", { clientId: "mine" })).toEqual({ clientId: "mine" });
});
