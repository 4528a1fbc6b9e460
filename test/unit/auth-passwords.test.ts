import { expect, test } from "@jest/globals";
import { codeOf } from "../../lib/errors.ts";
import { COST, isOutdated, Passwords } from "../../services/auth/passwords.ts";

const CHEAP = { memory: 64, passes: 1, parallelism: 1 };
const cheap = () => new Passwords(CHEAP);

test("T22: a hash says how it was made, with 19 MiB, two passes and a salt of its own", async () => {
	const passwords = new Passwords();
	const [one, other] = await Promise.all([passwords.hash("correct horse"), passwords.hash("correct horse")]);
	for (const hash of [one, other])
		expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
	expect(one).not.toBe(other);
	expect(await passwords.verify("correct horse", one)).toBe(true);
	expect(await passwords.verify("correct house", one)).toBe(false);
});

test("T22: a hash that another program made is understood", async () => {
	// From the tests of the reference implementation.
	const hash = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
	expect(await new Passwords().verify("password", hash)).toBe(true);
	expect(await new Passwords().verify("Password", hash)).toBe(false);
});

test("T22: every character of a long password counts", async () => {
	const passwords = cheap();
	const long = "x".repeat(255);
	const hash = await passwords.hash(`${long}a`);
	expect(await passwords.verify(`${long}a`, hash)).toBe(true);
	expect(await passwords.verify(`${long}b`, hash)).toBe(false);
	expect(await passwords.verify("x".repeat(72), hash)).toBe(false);
});

test("T22: a password is the same, typed composed or not", async () => {
	const passwords = cheap();
	const hash = await passwords.hash("caf\u00e9 \u1e9b\u0323");
	expect(await passwords.verify("cafe\u0301 \u1e9b\u0323", hash)).toBe(true);
	expect(await passwords.verify("cafe \u1e9b\u0323", hash)).toBe(false);
});

test("T22: a hash of less work is outdated, one of more is not", async () => {
	const hash = (memory: number, passes: number) =>
		`$argon2id$v=19$m=${memory},t=${passes},p=1$${"A".repeat(22)}$${"A".repeat(43)}`;
	expect(isOutdated(hash(COST.memory, COST.passes))).toBe(false);
	expect(isOutdated(hash(COST.memory - 1, COST.passes))).toBe(true);
	expect(isOutdated(hash(COST.memory, COST.passes - 1))).toBe(true);
	expect(isOutdated(hash(COST.memory * 2, COST.passes))).toBe(false);
	expect(isOutdated("$2b$12$abcdefghijklmnopqrstuv")).toBe(true);
});

test("T20: without a hash the same work is done in vain", async () => {
	const passwords = cheap();
	for (const stored of [
		null,
		"",
		"$2b$12$abc",
		"$argon2id$v=19$m=4000000,t=99,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
	]) {
		const before = passwords.hashed;
		expect(await passwords.verify("", stored)).toBe(false);
		expect(passwords.hashed).toBe(before + 1);
	}
});

test("a bounded number wait for their turn, and who comes later is told to come again", async () => {
	const passwords = cheap();
	const outcomes = await Promise.allSettled(
		Array.from({ length: 100 }, () => passwords.hash("correct horse")),
	);
	const failed = outcomes.filter(outcome => outcome.status === "rejected");
	expect(failed).toHaveLength(34);
	for (const { reason } of failed) expect(codeOf(reason)).toBe("UNAVAILABLE");
	expect(await passwords.hash("correct horse")).toMatch(/^\$argon2id/);
});
