import "../support/env.ts";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import * as auth from "../../contracts/auth.ts";
import type { Events } from "../../contracts/events.ts";
import * as users from "../../contracts/users.ts";
import { newId } from "../../lib/ids.ts";
import authService from "../../services/auth/auth.service.ts";
import usersService from "../../services/users/users.service.ts";
import { codeOf, testBroker } from "../support/broker.ts";

let t: Awaited<ReturnType<typeof testBroker>>;
let heard: Events["log.batch"][];
let ended: Events["sessions.ended"][];
beforeAll(async () => {
	t = await testBroker(authService, usersService);
	heard = t.heard("log.batch");
	ended = t.heard("sessions.ended");
});
afterAll(() => t.stop());

const PASSWORD = "correct horse";
const register = (username: string, more: object = {}, userAgent?: string) => {
	const params = { username, email: `${username}@example.com`, password: PASSWORD, ...more };
	return t.as("", userAgent === undefined ? {} : { userAgent })(auth.register, params);
};
const login = (name: string, password = PASSWORD) => t.as("")(auth.login, { login: name, password });
const verify = (token: string) => t.as("")(auth.verify, { token });

/** A user with a session for each device, and how to act as one of them. */
async function userWith(devices: number) {
	const { user, ...first } = await register(`u${newId().slice(-12)}`);
	const pairs: auth.TokenPair[] = [first];
	while (pairs.length < devices) pairs.push(await login(user.username));
	const tokens = pairs.map(pair => pair.accessToken);
	const sessionIds = await Promise.all(tokens.map(async token => (await verify(token)).sessionId as string));
	return { user, tokens, sessionIds, on: (i: number) => t.as(user.id, { sessionId: sessionIds[i] }) };
}

describe("registration", () => {
	test("makes an account, a session and one event, and signs in", async () => {
		const signedIn = await register("Ann.Smith");
		expect(signedIn.user).toMatchObject({
			username: "ann.smith",
			displayName: "Ann.Smith",
			email: "ann.smith@example.com",
			avatarUrl: null,
			metadata: {},
		});
		expect(signedIn.expiresIn).toBe(900);
		expect(await verify(signedIn.accessToken)).toMatchObject({ userId: signedIn.user.id, admin: false });
		const told = heard.flatMap(batch => batch.events).filter(event => event.actorId === signedIn.user.id);
		expect(told).toHaveLength(1);
		expect(told[0]).toMatchObject({ change: "user.registered", chatId: null, rev: null });
		expect(told[0]?.data).not.toHaveProperty("email");
		expect(told[0]?.data).toEqual(await t.as(signedIn.user.id)(users.get, { id: signedIn.user.id }));
		const outbox = await t.db.query(`SELECT 1 FROM ${t.db.t.outbox} WHERE event_id = $1`, [told[0]?.id]);
		expect(outbox).toHaveLength(1);
	});

	test("a username or an e-mail that is taken is a conflict, whatever its case, and both answer the same", async () => {
		await register("bob");
		const failures = await Promise.all([
			register("BOB", { email: "other@example.com" }).catch(err => err),
			register("bobby", { email: "Bob@Example.COM" }).catch(err => err),
		]);
		expect(failures.map(err => err.type)).toEqual(["CONFLICT", "CONFLICT"]);
		expect(failures[0].message).toBe(failures[1].message);
		expect(await codeOf(login("bobby"))).toBe("UNAUTHENTICATED");
	});

	test("of twenty that want one name at once, one gets it", async () => {
		const tries = Array.from({ length: 20 }, (_, i) =>
			register("only-one", { email: `only${i}@example.com` }),
		);
		const codes = await Promise.all(tries.map(codeOf));
		expect(codes.filter(code => code === "ok")).toHaveLength(1);
		expect(codes.filter(code => code === "CONFLICT")).toHaveLength(19);
	});

	test.each<[string, object]>([
		["a short name", { username: "ab" }],
		["a name with a space", { username: "a b c" }],
		["a name that is long", { username: "a".repeat(33) }],
		["no e-mail", { email: "ann" }],
		["an e-mail with NUL", { email: "a\0b@example.com" }],
		["an e-mail with half a character", { email: "a\ud800b@example.com" }],
		["a short password", { password: "1234567" }],
		["a long password", { password: "x".repeat(257) }],
		["a blank display name", { displayName: " " }],
	])("T9: %s is refused", async (_, change) => {
		expect(await codeOf(register("carol", change))).toBe("VALIDATION_ERROR");
	});

	test("T9: neither an id nor a right is of one's own making", async () => {
		const id = newId();
		const { user, accessToken } = await register(`u${newId().slice(-12)}`, { id, admin: true });
		expect(user.id).not.toBe(id);
		expect(await verify(accessToken)).toMatchObject({ userId: user.id, admin: false });
	});
});

describe("sessions", () => {
	test("are listed, the latest used first, in pages, and say which one asks", async () => {
		const { sessionIds, on } = await userWith(5);
		const first = await on(2)(auth.sessions, { limit: 3 });
		const second = await on(2)(auth.sessions, { limit: 3, cursor: first.nextCursor as string });
		const items = [...first.items, ...second.items];
		expect(items.map(({ id }) => id)).toEqual([...sessionIds].reverse());
		expect(items.filter(({ current }) => current).map(({ id }) => id)).toEqual([sessionIds[2]]);
		expect([first.items.length, second.nextCursor]).toEqual([3, null]);
	});

	test("keep a user agent as text that can be stored and shown", async () => {
		const { user } = await register(
			"agent",
			{},
			`Chat\0\r\nSet-Cookie: x\u001b[31m\ud800 ${"x".repeat(1_000)}`,
		);
		const [session] = (await t.as(user.id)(auth.sessions, {})).items;
		expect(session?.userAgent).toMatch(/^Chat {2,}Set-Cookie: x \[31m\ufffd x+$/);
		expect(session?.userAgent?.length).toBeLessThanOrEqual(256);
		const { user: silent } = await register("silent");
		expect((await t.as(silent.id)(auth.sessions, {})).items[0]?.userAgent).toBeNull();
	});

	test("T4: one that is ended takes its tokens with it at once, and is gone", async () => {
		const { user, tokens, sessionIds, on } = await userWith(2);
		await on(0)(auth.endSession, { id: sessionIds[1] as string });
		expect(await codeOf(verify(tokens[1] as string))).toBe("UNAUTHENTICATED");
		expect(await codeOf(verify(tokens[0] as string))).toBe("ok");
		expect(ended).toContainEqual({ userId: user.id, sessionIds: [sessionIds[1]] });
		expect((await on(0)(auth.sessions, {})).items).toHaveLength(1);
		expect(await codeOf(on(0)(auth.endSession, { id: sessionIds[1] as string }))).toBe("NOT_FOUND");
	});

	test("T2: another's session cannot be ended, nor be told from none", async () => {
		const [ann, bob] = [await userWith(1), await userWith(1)];
		const failures = await Promise.all(
			[bob.sessionIds[0] as string, newId()].map(id =>
				ann
					.on(0)(auth.endSession, { id })
					.catch(err => err),
			),
		);
		expect(failures.map(({ type, message }) => [type, message])).toEqual([
			["NOT_FOUND", "There is no such session."],
			["NOT_FOUND", "There is no such session."],
		]);
		expect(await codeOf(verify(bob.tokens[0] as string))).toBe("ok");
	});

	test("a logout ends the session that asks, and again is ok", async () => {
		const { user, tokens, sessionIds, on } = await userWith(2);
		expect(await on(0)(auth.logout, {})).toBeNull();
		expect(await on(0)(auth.logout, {})).toBeNull();
		expect(ended.filter(event => event.userId === user.id)).toEqual([
			{ userId: user.id, sessionIds: [sessionIds[0]] },
		]);
		expect(await Promise.all(tokens.map(token => codeOf(verify(token))))).toEqual(["UNAUTHENTICATED", "ok"]);
	});

	test("T4: an end that another node tells of is believed at once", async () => {
		const { user, tokens, sessionIds } = await userWith(1);
		expect(await codeOf(verify(tokens[0] as string))).toBe("ok");
		await t.broker.broadcast("sessions.ended", { userId: user.id, sessionIds });
		expect(await codeOf(verify(tokens[0] as string))).toBe("UNAUTHENTICATED");
	});

	test("a cursor that we did not make is refused", async () => {
		const { on } = await userWith(1);
		const crafted = [
			["x", newId()],
			["2026-01-01T00:00:00.000Z", "x"],
			["infinity", newId()],
			[1, 2],
		];
		for (const parts of crafted) {
			const cursor = Buffer.from(JSON.stringify(parts)).toString("base64url");
			expect(await codeOf(on(0)(auth.sessions, { cursor }))).toBe("VALIDATION_ERROR");
		}
	});
});

describe("a change of password", () => {
	test("ends all other sessions, and from then on only the new one is right", async () => {
		const { user, tokens, sessionIds, on } = await userWith(3);
		const newPassword = "battery staple";
		expect(await on(1)(auth.changePassword, { currentPassword: PASSWORD, newPassword })).toBeNull();
		const codes = await Promise.all(tokens.map(token => codeOf(verify(token))));
		expect(codes).toEqual(["UNAUTHENTICATED", "ok", "UNAUTHENTICATED"]);
		const told = ended.filter(event => event.userId === user.id);
		expect(told).toHaveLength(1);
		expect(told[0]?.sessionIds.sort()).toEqual([sessionIds[0], sessionIds[2]].sort());
		expect(await codeOf(login(user.username))).toBe("UNAUTHENTICATED");
		expect(await codeOf(login(user.username, newPassword))).toBe("ok");
	});

	test("with a wrong current password is forbidden and ends nothing", async () => {
		const { tokens, on } = await userWith(2);
		const params = { currentPassword: "wrong horse", newPassword: "battery staple" };
		expect(await codeOf(on(0)(auth.changePassword, params))).toBe("FORBIDDEN");
		expect(await Promise.all(tokens.map(token => codeOf(verify(token))))).toEqual(["ok", "ok"]);
	});

	test("leaves no session of the old password, though a login runs beside it", async () => {
		const { user, on } = await userWith(1);
		const change = on(0)(auth.changePassword, { currentPassword: PASSWORD, newPassword: "battery staple" });
		const logins = await Promise.allSettled([...Array(8)].map(() => login(user.username)));
		await change;
		for (const attempt of logins)
			if (attempt.status === "fulfilled")
				expect(await codeOf(verify(attempt.value.accessToken))).toBe("UNAUTHENTICATED");
		expect((await on(0)(auth.sessions, {})).items).toHaveLength(1);
	});
});
