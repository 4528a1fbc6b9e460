import "../support/env.ts";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Errors } from "moleculer";
import * as auth from "../../contracts/auth.ts";
import { config } from "../../lib/config.ts";
import { newId } from "../../lib/ids.ts";
import authService from "../../services/auth/auth.service.ts";
import { Passwords } from "../../services/auth/passwords.ts";
import { codeOf, testBroker } from "../support/broker.ts";

let t: Awaited<ReturnType<typeof testBroker>>;
let service: { passwords: Passwords };
let passwords: Passwords;
beforeAll(async () => {
	config.rateLimits = true;
	t = await testBroker(authService);
	service = t.broker.getLocalService("auth") as unknown as typeof service;
	passwords = service.passwords;
});
afterAll(() => t.stop());

const PASSWORD = "correct horse";
const HOME = "192.0.2.1";
const login = (name: string, password: string, address = "203.0.113.9") =>
	t.as("", { address })(auth.login, { login: name, password });

async function account(password = PASSWORD) {
	const username = `u${newId().slice(-12)}`;
	const email = `${username}@Example.com`;
	const { user } = await t.as("", { address: HOME })(auth.register, { username, email, password });
	return { id: user.id, username, email };
}

/** What somebody outside learns of a login: the error's body, and how many hashes it cost. */
async function outcome(attempt: () => Promise<unknown>) {
	const before = passwords.hashed;
	const err = await attempt().then(
		() => null,
		(failure: Errors.MoleculerError) => failure,
	);
	const body = err && { type: err.type, code: err.code, message: err.message, data: err.data };
	return { body, hashes: passwords.hashed - before };
}

test("one signs in by username or e-mail, whatever their case", async () => {
	const { id, username, email } = await account();
	for (const name of [username, username.toUpperCase(), email, email.toLowerCase()])
		expect((await login(name, PASSWORD)).user).toMatchObject({ id, email: email.toLowerCase() });
	expect(await codeOf(login(username, PASSWORD.toUpperCase()))).toBe("UNAUTHENTICATED");
});

test("T20: an unknown user, a wrong password and a locked account cost one hash each and answer the same", async () => {
	const [ann, locked] = [await account(), await account()];
	for (let i = 0; i < 10; i++) await codeOf(login(locked.username, "wrong horse"));
	const outcomes = await Promise.all([outcome(() => login("nobody-here", PASSWORD))]);
	outcomes.push(await outcome(() => login("nobody@example.com", PASSWORD)));
	outcomes.push(await outcome(() => login(ann.username, "wrong horse")));
	outcomes.push(await outcome(() => login(locked.username, "wrong horse")));
	outcomes.push(await outcome(() => login(locked.username, PASSWORD)));
	outcomes.push(await outcome(() => login(locked.email, PASSWORD)));
	expect(outcomes[0]).toMatchObject({ body: { type: "UNAUTHENTICATED", code: 401 }, hashes: 1 });
	for (const each of outcomes) expect(each).toEqual(outcomes[0]);
});

describe("T21: brute force", () => {
	// What is tested is the counting, and real hashes take their time.
	beforeAll(() => {
		service.passwords = new Passwords({ memory: 64, passes: 1, parallelism: 1 });
	});
	afterAll(() => {
		service.passwords = passwords;
	});

	test("ten failures from anywhere lock an account, but not for the address that it is used from", async () => {
		const { username } = await account();
		for (let i = 0; i < 50; i++) await codeOf(login(username, `wrong ${i}`, `198.51.100.${i}`));
		expect(await codeOf(login(username, PASSWORD, "198.51.100.77"))).toBe("UNAUTHENTICATED");
		expect(await codeOf(login(username, PASSWORD, HOME))).toBe("ok");
		expect(await codeOf(login(username, PASSWORD, "198.51.100.77"))).toBe("UNAUTHENTICATED");
	});

	test("whoever shares that address has ten tries too", async () => {
		const { username } = await account();
		for (let i = 0; i < 10; i++) await codeOf(login(username, `wrong ${i}`, HOME));
		expect(await codeOf(login(username, PASSWORD, HOME))).toBe("UNAUTHENTICATED");
	});

	test("of many guesses at once, few are checked", async () => {
		const { username } = await account();
		const guesses = Array.from({ length: 40 }, (_, i) => (i === 30 ? PASSWORD : `wrong ${i}`));
		const codes = await Promise.all(guesses.map(guess => codeOf(login(username, guess))));
		expect(codes.filter(code => code === "ok")).toEqual([]);
	});

	test("a login that succeeds forgets the failures before it", async () => {
		const { username } = await account();
		for (let round = 0; round < 3; round++) {
			for (let i = 0; i < 9; i++) await codeOf(login(username, "wrong horse"));
			expect(await codeOf(login(username, PASSWORD))).toBe("ok");
		}
	});
});

test("more logins at once than can be hashed are told to come again", async () => {
	const codes = await Promise.all(
		Array.from({ length: 90 }, (_, i) => codeOf(login(`nobody-${i}`, PASSWORD))),
	);
	expect(new Set(codes)).toEqual(new Set(["UNAUTHENTICATED", "UNAVAILABLE"]));
	expect(codes.filter(code => code === "UNAUTHENTICATED").length).toBeGreaterThanOrEqual(60);
});

test("T22: a hash of less work is made anew when its user signs in", async () => {
	const { id, username } = await account();
	const weak = await new Passwords({ memory: 64, passes: 1, parallelism: 1 }).hash(PASSWORD);
	await t.db.query(`UPDATE ${t.db.t.users} SET password_hash = $2 WHERE id = $1`, [id, weak]);
	expect(await codeOf(login(username, "wrong horse"))).toBe("UNAUTHENTICATED");
	expect(await hashOf(id)).toBe(weak);
	await login(username, PASSWORD);
	expect(await hashOf(id)).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
	expect(await codeOf(login(username, PASSWORD))).toBe("ok");
});

test("T22: an over-long password is refused before anything is hashed", async () => {
	const { username } = await account("x".repeat(256));
	const before = passwords.hashed;
	expect(await codeOf(login(username, "x".repeat(1_000_000)))).toBe("VALIDATION_ERROR");
	expect(passwords.hashed).toBe(before);
	expect(await codeOf(login(username, "x".repeat(256)))).toBe("ok");
	expect(await codeOf(login(username, "x".repeat(255)))).toBe("UNAUTHENTICATED");
});

test("T25: a login that is SQL is a user who is unknown", async () => {
	await account();
	for (const name of ["' OR 1=1 --", "%", "_______", "a'; DROP TABLE users; --@example.com"])
		expect(await codeOf(login(name, PASSWORD))).toBe("UNAUTHENTICATED");
});

async function hashOf(id: string) {
	const [row] = await t.db.query<{ password_hash: string }>(
		`SELECT password_hash FROM ${t.db.t.users} WHERE id = $1`,
		[id],
	);
	return row?.password_hash;
}
