/** Rights that end, or begin, beside something else: what a socket may hear and do then. */
import { afterAll, afterEach, beforeEach, expect, test } from "@jest/globals";
import type { LogEvent } from "../../contracts/changes.ts";
import type { Events } from "../../contracts/events.ts";
import { fail } from "../../lib/errors.ts";
import { announce } from "../../lib/moleculer.ts";
import { answersOf, ChatLog, stream } from "../support/chat-log.ts";
import { ANN, BOB, startGateway } from "../support/gateway.ts";
import { connect, type TestSocket } from "../support/socket.ts";

const CHAT = "01900000-0000-7000-8000-0000000000c1";
const THREAD = "01900000-0000-7000-8000-0000000000c2";
const CAROL = "01900000-0000-7000-8000-00000000000c";
const SESSION = "01900000-0000-7000-8000-0000000000e1";

const logs: ChatLog[] = [];
const { handlers, slow } = answersOf(logs);
/** Who may not type. */
const silenced = new Set<string>();
const HERE = { userId: ANN, status: "online", text: null, lastSeenAt: null };
let isPresenceDown = false;
/** What leases were renewed with. */
const idles: unknown[] = [];
/** Runs when a token has been found good, before its socket goes on. */
let onVerified = async () => {};
const gateway = await startGateway({
	...handlers,
	"presence.leases": ({ params }) => {
		const leases = (params.leases as { idle?: boolean; ended?: boolean }[]).filter(({ ended }) => !ended);
		idles.push(...leases.map(({ idle }) => idle));
		if (isPresenceDown) throw fail("UNAVAILABLE");
		return (params.leases as typeof leases).map(({ idle }) => ({
			...HERE,
			status: idle ? "away" : "online",
		}));
	},
	"presence.set": ({ params }) => ({ ...HERE, status: params.status }),
	"chats.mayType": ({ params }) => !silenced.has(String(params.userId)),
	/** Tokens are `user[/session]`. */
	"auth.verify": async ({ params }) => {
		const [userId, session] = String(params.token).split("/");
		await onVerified();
		return { userId, sessionId: session ?? null, expiresAt: Date.now() + 600_000, admin: false };
	},
	"auth.liveSessions": ({ params }) => params.sessionIds,
});
const open: TestSocket[] = [];
let log: ChatLog;
let writer: ReturnType<typeof stream>;
let count = 0;

beforeEach(() => {
	log = new ChatLog(CHAT, [ANN, BOB]);
	logs.splice(0, logs.length, log);
	writer = stream(`s${count++}`);
	silenced.clear();
	onVerified = async () => {};
	isPresenceDown = false;
	idles.length = 0;
});

afterEach(async () => {
	for (const socket of open.splice(0)) socket.close();
	await wait(50);
});

afterAll(() => gateway.stop());

const wait = (ms: number) => new Promise<void>(resolve => setTimeout(resolve, ms));

async function signIn(token: string): Promise<TestSocket> {
	const socket = await connect(gateway.url, token);
	open.push(socket);
	return socket;
}

const broadcast = <E extends keyof Events>(name: E, data: Events[E]) => announce(gateway.broker, name, data);
const tell = (...events: LogEvent[]) => broadcast("log.batch", writer.batch(...events));
const told = ({ events }: TestSocket) =>
	events
		.filter(({ name }) => !name.startsWith("auth:"))
		.map(({ name, data }) => `${name} ${data.rev ?? data.seq ?? ""}`);

test("T3: whoever is made a member of a thread beside their removal from its parent hears nothing of it", async () => {
	const thread = new ChatLog(THREAD, [ANN], CHAT);
	logs.push(thread);
	const [ann, bob] = [await signIn(ANN), await signIn(BOB)];
	await tell(log.leave(BOB));
	await bob.waitFor("chat:member-left");
	const joined = thread.join(BOB);
	thread.members.delete(BOB);
	await tell(joined, thread.send("secret"));
	await ann.waitFor("message");
	await wait(50);
	expect(told(bob)).toEqual(["chat:member-left 3"]);
});

test("T3: the same while their chats are being read", async () => {
	const thread = new ChatLog(THREAD, [ANN], CHAT);
	logs.push(thread);
	await signIn(ANN);
	slow.roomsMs = 80;
	const connecting = signIn(BOB);
	await wait(40);
	slow.roomsMs = 0;
	await tell(log.leave(BOB), thread.join(BOB));
	const bob = await connecting;
	await tell(thread.send("secret"));
	await wait(50);
	expect(bob.of("message")).toEqual([]);
});

test("a thread whose first word comes before the parent's is heard all the same", async () => {
	const thread = new ChatLog(THREAD, [ANN], CHAT);
	logs.push(thread);
	const [ann, carol] = [await signIn(ANN), await signIn(CAROL)];
	const joined = log.join(CAROL);
	await tell(thread.join(CAROL));
	await tell(joined);
	await wait(100);
	await tell(thread.send("for all"));
	await ann.waitFor("message");
	await carol.waitFor("message");
	expect((await carol.emit("heartbeat", {})).heads).toMatchObject({ [THREAD]: thread.rev });
});

test("T3: whoever is silenced types no more from then on, in threads neither", async () => {
	const thread = new ChatLog(THREAD, [ANN, BOB], CHAT);
	logs.push(thread);
	const [ann, bob] = [await signIn(ANN), await signIn(BOB)];
	for (const chatId of [CHAT, THREAD]) {
		await ann.emit("chat:join", { chatId });
		await bob.emit("typing", { chatId, isTyping: true });
		await ann.waitFor("typing", typing => typing.chatId === chatId);
	}
	silenced.add(BOB);
	await tell(log.change(BOB));
	await ann.waitFor("chat:member-updated");
	for (const chatId of [CHAT, THREAD]) {
		await ann.waitFor("typing", typing => typing.chatId === chatId && !typing.isTyping);
		await bob.emit("typing", { chatId, isTyping: true });
	}
	await wait(50);
	const heard = ann.of("typing").map(({ chatId, isTyping }) => [chatId, isTyping]);
	expect(heard).toEqual([
		[CHAT, true],
		[THREAD, true],
		[CHAT, false],
		[THREAD, false],
	]);
});

test("T4: a session that ends while its socket is let in does not let it in", async () => {
	onVerified = () => broadcast("sessions.ended", { userId: ANN, sessionIds: [SESSION] });
	await expect(signIn(`${ANN}/${SESSION}`)).rejects.toMatchObject({ data: { code: "UNAUTHENTICATED" } });
	onVerified = async () => {};
	expect((await (await signIn(`${ANN}/other`)).emit("heartbeat", {})).status).toBe("ok");
});

test("T4: a session that ends while a socket goes over to it ends the socket", async () => {
	const session = SESSION.replace("e1", "e2");
	const ann = await signIn(`${ANN}/first`);
	onVerified = () => broadcast("sessions.ended", { userId: ANN, sessionIds: [session] });
	ann.io.emit("auth:refresh", { token: `${ANN}/${session}` });
	expect(await ann.closed).toBe("io server disconnect");
});

test("T3: whoever is found to be no member without a word learns it from the heartbeat, threads and all", async () => {
	const thread = new ChatLog(THREAD, [ANN, BOB], CHAT);
	logs.push(thread);
	const [ann, bob] = [await signIn(ANN), await signIn(BOB)];
	await bob.emit("heartbeat", {});
	log.members.delete(BOB);
	log.epoch++;
	await tell(log.send("secret"));
	await ann.waitFor("message");
	expect((await bob.emit("heartbeat", {})).heads).toEqual({ [CHAT]: 3, [THREAD]: 3 });
});

test("T3: a gap too wide to say who left names a revision beyond it to them", async () => {
	const [ann, bob] = [await signIn(ANN), await signIn(BOB)];
	await bob.emit("heartbeat", {});
	log.isTooWide = true;
	log.leave(BOB);
	log.send("secret");
	await tell(log.send("secret too"));
	await ann.waitFor("chat:updated");
	expect((await bob.emit("heartbeat", {})).heads).toEqual({ [CHAT]: 6 });
	expect(told(bob)).toEqual([]);
});

test("a gap in which the role of a new member changed does not tell them the chat again", async () => {
	await tell(log.send());
	const [ann, bob] = [await signIn(ANN), await signIn(BOB)];
	log.change(BOB);
	await tell(log.send());
	for (const socket of [ann, bob]) await socket.waitFor("message", ({ seq }) => seq === 2);
	for (const socket of [ann, bob]) expect(told(socket)).toEqual(["chat:member-updated 4", "message 5"]);
});

test("where presence cannot be asked, the heartbeat tells what was known last", async () => {
	const ann = await signIn(ANN);
	expect((await ann.emit("heartbeat", { idle: true })).presence.status).toBe("away");
	isPresenceDown = true;
	expect((await ann.emit("heartbeat", {})).presence.status).toBe("away");
	isPresenceDown = false;
	await ann.emit("presence:set", { status: "dnd" });
	isPresenceDown = true;
	expect((await ann.emit("heartbeat", {})).presence.status).toBe("dnd");
});

test("whoever chooses a status is not idle any more when their lease is next renewed", async () => {
	const ann = await signIn(ANN);
	await ann.emit("heartbeat", { idle: true });
	await ann.emit("presence:set", { status: "online" });
	await ann.emit("heartbeat", {});
	expect(idles.slice(-2)).toEqual([true, false]);
});
