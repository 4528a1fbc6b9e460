/** Many who come at once share what is asked of other services, and nothing else. */
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, afterEach, beforeEach, expect, test } from "@jest/globals";
import { fail } from "../../lib/errors.ts";
import { newId } from "../../lib/ids.ts";
import { announce } from "../../lib/moleculer.ts";
import type { SocketVars } from "../../services/gateway/sockets/index.ts";
import { answersOf, ChatLog, stream } from "../support/chat-log.ts";
import { startGateway } from "../support/gateway.ts";
import { connect, type TestSocket } from "../support/socket.ts";

const CROWD = 60;
const logs: ChatLog[] = [];
const { handlers, counts, slow } = answersOf(logs);
/** Sessions that have ended. */
const ended = new Set<string>();
interface Lease {
	userId: string;
	connectionId: string;
	ended?: boolean;
}
const leases: Lease[] = [];
let leasing = async () => {};
let rooming = async () => {};
const gateway = await startGateway({
	...handlers,
	"chats.rooms": async ctx => {
		await rooming();
		return handlers["chats.rooms"]?.(ctx);
	},
	"presence.leases": async ({ params }) => {
		await leasing();
		leases.push(...(params.leases as Lease[]));
		return (params.leases as Lease[]).map(({ userId }) => ({ userId, status: "online" }));
	},
	/** Tokens are `user/session`. */
	"auth.verify": ({ params }) => {
		const [userId, sessionId] = String(params.token).split("/");
		if (ended.has(sessionId as string)) throw fail("UNAUTHENTICATED");
		return { userId, sessionId, expiresAt: Date.now() + 600_000, admin: false };
	},
	"auth.liveSessions": ({ params }) => params.sessionIds,
});
const open: TestSocket[] = [];

beforeEach(() => {
	logs.length = 0;
	leasing = async () => {};
	rooming = async () => {};
	slow.roomsMs = 0;
});
afterEach(async () => {
	for (const socket of open.splice(0)) socket.close();
	await wait(50);
});
afterAll(() => gateway.stop());

const signIn = async (userId: string, sessionId = newId()) => {
	const socket = await connect(gateway.url, `${userId}/${sessionId}`);
	open.push(socket);
	return socket;
};

test("T3: of many who connect at once each hears their own chats only", async () => {
	const people = Array.from({ length: CROWD }, newId);
	const common = new ChatLog(newId(), people);
	const own = people.map(id => new ChatLog(newId(), [id]));
	logs.push(common, ...own);
	const before = counts["chats.rooms"] ?? 0;
	slow.roomsMs = 100;
	const sockets = await Promise.all(people.map(id => signIn(id)));
	expect((counts["chats.rooms"] ?? 0) - before).toBeLessThan(CROWD);
	const writer = stream("crowd");
	await announce(gateway.broker, "log.batch", writer.batch(...[...own, common].map(log => log.send())));
	await Promise.all(
		sockets.map(socket => socket.waitFor("message", ({ chatId }) => chatId === common.chatId)),
	);
	for (const [i, socket] of sockets.entries())
		expect(socket.of("message").map(({ chatId }) => chatId)).toEqual([own[i]?.chatId, common.chatId]);
});

test("T3: memberships that changed without a word are noticed at the next look, and the others are not read", async () => {
	const people = Array.from({ length: 10 }, newId);
	const [one, two] = [new ChatLog(newId(), people), new ChatLog(newId(), [])];
	logs.push(one, two);
	const sockets = await Promise.all(people.map(id => signIn(id)));
	const look = async () => {
		const before = counts["chats.rooms"] ?? 0;
		await (gateway.broker.getLocalService("gateway") as unknown as SocketVars).sockets.checkRights();
		return (counts["chats.rooms"] ?? 0) - before;
	};
	expect(await look()).toBe(0);
	const [left, moved, doubted] = people as [string, string, string];
	one.members.delete(left);
	one.members.delete(moved);
	two.members.add(moved);
	expect(await look()).toBe(1);
	// What was said here, and is not so, is looked at again as well.
	const writer = stream("quiet");
	await announce(gateway.broker, "log.batch", writer.batch(one.leave(doubted)));
	one.members.add(doubted);
	await sockets[2]?.waitFor("chat:member-left");
	expect(await look()).toBe(1);
	await announce(gateway.broker, "log.batch", writer.batch(one.send(), two.send()));
	await Promise.all(sockets.slice(1).map(socket => socket.waitFor("message")));
	await wait(100);
	const heard = sockets.map(socket => socket.of("message").map(({ chatId }) => chatId));
	expect(heard).toEqual(people.map(id => (id === left ? [] : id === moved ? [two.chatId] : [one.chatId])));
	expect(await look()).toBe(0);
});

test("whoever waits behind a crowd that could not be let in is let in all the same", async () => {
	let calls = 0;
	rooming = async () => {
		if (++calls > 1) return;
		await wait(1_200);
		throw fail("UNAVAILABLE");
	};
	const first = signIn(newId());
	const refused = expect(first).rejects.toMatchObject({ data: { code: "UNAVAILABLE" } });
	while (calls === 0) await wait(10);
	await signIn(newId());
	await refused;
	expect(calls).toBe(2);
});

test("T4: of many who connect at once those whose session has ended are refused, and nobody else", async () => {
	const people = Array.from({ length: CROWD }, (_, i) => ({
		id: newId(),
		session: newId(),
		isOver: i % 7 === 3,
	}));
	for (const { session, isOver } of people) if (isOver) ended.add(session);
	const outcomes = await Promise.all(
		people.map(({ id, session }) =>
			signIn(id, session).then(
				() => "connected",
				err => err.data.code,
			),
		),
	);
	expect(outcomes).toEqual(people.map(({ isOver }) => (isOver ? "UNAUTHENTICATED" : "connected")));
});

test("a connection's lease ends after it began, though it goes while others' leases are on their way", async () => {
	let release = () => {};
	leasing = () =>
		new Promise(resolve => {
			release = resolve;
		});
	const [first, second] = [newId(), newId()];
	await signIn(first);
	await wait(50);
	const socket = await signIn(second);
	socket.close();
	await wait(50);
	leasing = async () => {};
	release();
	for (let i = 0; i < 100 && !leases.some(lease => lease.userId === second && lease.ended); i++)
		await wait(50);
	// Those of the tests before may still be on their way.
	const own = leases.filter(({ userId }) => userId === first || userId === second);
	expect(own.map(({ userId, ended = false }) => [userId, ended])).toEqual([
		[first, false],
		[second, false],
		[second, true],
	]);
});
