import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { restCall } from "../../client/connection/calls.ts";
import { TokenSource } from "../../client/connection/token.ts";
import { mayPass } from "../../client/errors.ts";
import { newId } from "../../client/ids.ts";
import { hangUp, linkTo, onlineLink } from "../support/links.ts";
import { type Person, person, urls } from "../support/people.ts";
import { proxy, type TcpProxy } from "../support/proxy.ts";
import { endingIn } from "../support/tokens.ts";

const [url = ""] = urls();
let ann: Person;
let wire: TcpProxy;

beforeAll(async () => {
	ann = await person("ann");
});

beforeEach(async () => {
	wire = await proxy(url);
});

afterEach(async () => {
	hangUp();
	await wire.close();
});

afterAll(hangUp);

const restAt = (at: string, token: string, limitMs = 10_000) =>
	restCall({ url: at, tokens: new TokenSource(token, limitMs), limitMs });

test("a call answers with what it gives, or fails with the server's code and its fields", async () => {
	const { link } = await onlineLink(url, ann.token);
	const { chat } = await link.call("chat:create", { type: "group", name: "a group", participantIds: [] });
	const { message } = await link.call("message", { chatId: chat.id, content: "hello" });
	expect(message).toMatchObject({ chatId: chat.id, seq: 1, content: "hello" });
	const missing = link.call("message", { chatId: newId(), content: "hello" });
	await expect(missing).rejects.toMatchObject({ name: "ParleyError", code: "NOT_FOUND", retryable: false });
	const blank = link.call("message", { chatId: chat.id, content: " " });
	await expect(blank).rejects.toMatchObject({ code: "VALIDATION_ERROR", errors: [{ field: "content" }] });
});

test("a call without an answer may be repeated: not connected, cut, or never answered", async () => {
	const idle = linkTo(wire.url, ann.token).link.call("heartbeat", {});
	await expect(idle).rejects.toMatchObject({ code: "UNAVAILABLE", retryable: true });
	const { link, reaches } = await onlineLink(wire.url, ann.token, { times: { ackMs: 2_000 } });
	wire.blackhole();
	const cut = link.call("heartbeat", {});
	wire.cut();
	await expect(cut).rejects.toMatchObject({ code: "UNAVAILABLE" });
	await wire.pass();
	await reaches("online");
	wire.dropDown();
	const lost = link.call("heartbeat", {});
	await expect(lost).rejects.toMatchObject({ code: "UNAVAILABLE", retryAfter: null });
});

test("over REST, paths, queries, bodies and keys are where the contract has them", async () => {
	const rest = restAt(url, ann.token);
	const clientId = newId();
	const wish = { type: "channel" as const, name: `news & more ${clientId}`, participantIds: [], clientId };
	const chat = await rest("POST /chats", wish);
	expect((await rest("POST /chats", wish)).id).toBe(chat.id);
	const say = (content: string) =>
		rest("POST /chats/:chatId/messages", { chatId: chat.id, content, clientId: "a key" });
	const first = await say("once");
	expect(await say("twice")).toMatchObject({ id: first.id, content: "once" });
	const found = await rest("GET /channels", { search: "news & more", limit: 5 });
	expect(found.items.map(({ id }) => id)).toContain(chat.id);
	const batch = await rest("POST /presence/batch", { userIds: [ann.id] });
	expect(JSON.stringify(batch)).toContain(ann.id);
	await rest("PUT /messages/:messageId/reactions/:emoji", { messageId: first.id, emoji: "👍🏽" });
	const none = await rest("DELETE /chats/:chatId", { chatId: chat.id });
	expect(none).toBeNull();
	const gone = rest("GET /chats/:chatId", { chatId: chat.id });
	await expect(gone).rejects.toMatchObject({ code: "NOT_FOUND", retryable: false });
});

test("a token that has run out is replaced once, and the call repeated", async () => {
	const refused: (string | undefined)[] = [];
	const stale = endingIn(ann, -5);
	const tokens = new TokenSource(was => {
		refused.push(was);
		return was ? ann.token : stale;
	}, 10_000);
	const rest = restCall({ url, tokens, limitMs: 10_000 });
	const [me] = await Promise.all([rest("GET /users/me", {}), rest("GET /users/me", {})]);
	expect(me.id).toBe(ann.id);
	await rest("GET /users/me", {});
	expect(refused).toEqual([undefined, stale]);
	await expect(restAt(url, stale)("GET /users/me", {})).rejects.toMatchObject({ code: "TOKEN_EXPIRED" });
});

test("REST that cannot be reached, or does not answer, may be repeated; a stranger's page may not", async () => {
	const rest = restAt(wire.url, ann.token, 500);
	wire.blackhole();
	const late = await rest("GET /users/me", {}).catch(err => err);
	expect([late.code, mayPass(late)]).toEqual(["UNAVAILABLE", true]);
	await wire.refuse();
	await expect(rest("GET /users/me", {})).rejects.toMatchObject({ code: "UNAVAILABLE" });
	// Here nothing below it speaks the contract.
	const stranger = restAt(`${url}/somewhere`, ann.token)("GET /users/me", {});
	await expect(stranger).rejects.toMatchObject({ name: "ParleyError", retryable: false });
});
