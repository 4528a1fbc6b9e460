import { createHmac, createSecretKey } from "node:crypto";
import { expect, test } from "@jest/globals";
import { jwtVerify } from "jose";
import { verifiedHs256 } from "../../services/auth/hs256.ts";
import { readUnverified } from "../../services/auth/jwt.rules.ts";

const SECRET = "a secret of the host application, 32 bytes and more";
const NOW = Date.parse("2026-01-01T12:00:00Z");
const now = NOW / 1_000;
const expected = { issuer: "https://host.example", audience: "shop", now: NOW, clockToleranceS: 5 };
const good = { iss: expected.issuer, aud: "shop", sub: "ann", exp: now + 60, iat: now };

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
function signed(
	claims: object,
	{ header = { alg: "HS256" } as object, secret = SECRET, hash = "sha256" } = {},
) {
	const input = `${part(header)}.${part(claims)}`;
	return `${input}.${createHmac(hash, secret).update(input).digest("base64url")}`;
}
/** The last letter of 32 bytes has two bits to spare. */
function otherSpelling(token: string) {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	return token.slice(0, -1) + letters[letters.indexOf(token.at(-1) as string) ^ 1];
}
const other = signed({ ...good, sub: "bob" });

const TOKENS: [name: string, token: string, taken: boolean][] = [
	["as configured", signed(good), true],
	["with a key id", signed(good, { header: { alg: "HS256", kid: "k1", typ: "JWT" } }), true],
	["for several audiences", signed({ ...good, aud: ["other", "shop"] }), true],
	["of a clock that is a little ahead", signed({ ...good, nbf: now + 4 }), true],
	["not valid yet", signed({ ...good, nbf: now + 6 }), false],
	["with a time that is none", signed({ ...good, nbf: "0" }), false],
	["with an age that is none", signed({ ...good, iat: "0" }), false],
	["of another issuer", signed({ ...good, iss: "https://evil.example" }), false],
	["of no issuer", signed({ ...good, iss: undefined }), false],
	["for another audience", signed({ ...good, aud: "other" }), false],
	["for none", signed({ ...good, aud: undefined }), false],
	["of another secret", signed(good, { secret: `${SECRET}!` }), false],
	["of no secret", signed(good, { secret: "" }), false],
	["whose header says none", signed(good, { header: { alg: "none" } }), false],
	[
		"whose header says HS512, signed as such",
		signed(good, { header: { alg: "HS512" }, hash: "sha512" }),
		false,
	],
	["whose header says RS256", signed(good, { header: { alg: "RS256" } }), false],
	["whose header says nothing", signed(good, { header: {} }), false],
	["with the signature of another", `${signed(good).replace(/[^.]+$/, "")}${other.split(".")[2]}`, false],
	["with another's claims", [...other.split(".").slice(0, 2), signed(good).split(".")[2]].join("."), false],
	["with half a signature", signed(good).slice(0, -20), false],
	["with more than a signature", `${signed(good)}AAAA`, false],
];

test.each(TOKENS)("T10: a token %s is taken only where all of it is right", async (_, token, taken) => {
	const unverified = readUnverified(token);
	const key = createSecretKey(Buffer.from(SECRET));
	const claims = unverified && verifiedHs256(token, unverified, key, expected);
	expect(claims !== null).toBe(taken);
	if (taken)
		expect(claims).toEqual(JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()));
	// Who wrote the standard's library says the same.
	const options = { ...expected, algorithms: ["HS256"], clockTolerance: 5, currentDate: new Date(NOW) };
	const others = await jwtVerify(token, Buffer.from(SECRET), options).then(
		() => true,
		() => false,
	);
	expect(others).toBe(taken);
});

test("T10: a signature has one spelling", () => {
	const token = otherSpelling(signed(good));
	const unverified = readUnverified(token);
	expect(unverified).not.toBeNull();
	expect(
		unverified && verifiedHs256(token, unverified, createSecretKey(Buffer.from(SECRET)), expected),
	).toBeNull();
});
