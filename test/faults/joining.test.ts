import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Chat } from "../../contracts/chats.ts";
import { type Ground, prepareGround } from "../support/ground.ts";
import { goHome, type Person, person } from "../support/people.ts";
import { connect, type TestSocket } from "../support/socket.ts";

const WORKER = { SERVICES: "auth,users,chats,messages,inbox,presence" };
/** After it is ready. */
const TAKES_LOAD_MS_MAX = 10_000;

let ground: Ground;
let ann: Person;
let chat: Chat;
let socket: TestSocket;

beforeAll(async () => {
	ground = await prepareGround([WORKER, { SERVICES: "gateway" }]);
	const [, gateway] = ground.urls as [string, string];
	ann = await person("ann", [gateway]);
	chat = await ann.group();
	socket = await connect(gateway, ann.token);
}, 120_000);

afterAll(async () => {
	socket?.close();
	goHome();
	await ground?.stop();
});

test("I33: a worker that joins takes load within seconds, all of it where the one before goes", async () => {
	const say = async () => (await socket.emit("message", { chatId: chat.id, content: "hello" })).status;
	expect(await say()).toBe("ok");
	await ground.grow(WORKER);
	const joinedAt = Date.now();
	await sleep(1_000);
	await ground.nodes[0]?.kill9();
	// Who was killed is missed a moment later: until then a call may still go there.
	while ((await say()) !== "ok") await sleep(50);
	while ((await ann.rest.get(`/chats/${chat.id}/messages`)).status !== 200) await sleep(50);
	expect(Date.now() - joinedAt).toBeLessThan(TAKES_LOAD_MS_MAX);
}, 60_000);
