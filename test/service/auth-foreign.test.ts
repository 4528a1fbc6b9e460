import "../support/env.ts";
import { createHmac, generateKeyPairSync } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { SignJWT } from "jose";
import * as auth from "../../contracts/auth.ts";
import * as users from "../../contracts/users.ts";
import { config } from "../../lib/config.ts";
import { newId } from "../../lib/ids.ts";
import type { ForeignIssuer } from "../../lib/issuers.ts";
import authService from "../../services/auth/auth.service.ts";
import { ForeignIssuers } from "../../services/auth/foreign.ts";
import { readUnverified } from "../../services/auth/jwt.rules.ts";
import usersService from "../../services/users/users.service.ts";
import { codeOf, testBroker } from "../support/broker.ts";
import { keyServer } from "../support/key-server.ts";
import { eventually } from "../support/stage.ts";

const SECRET = "a secret of the host application, 32 bytes and more";
const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
const ecPem = ec.publicKey.export({ type: "spki", format: "pem" }).toString();
const PEM_ISSUER = "https://pem.example";
const SECRET_ISSUER = "https://secret.example";
const JWKS_ISSUER = "https://jwks.example";

let t: Awaited<ReturnType<typeof testBroker>>;
let server: Awaited<ReturnType<typeof keyServer>>;
beforeAll(async () => {
	server = await keyServer();
	await server.addKey("k1");
	await server.addKey("ps", "PS256");
	const shop = { audience: "shop" };
	config.jwtIssuers = [
		{ ...shop, issuer: JWKS_ISSUER, algorithms: ["RS256"], jwksUrl: server.url },
		{ ...shop, issuer: PEM_ISSUER, algorithms: ["ES256", "ES384"], publicKey: ecPem },
		{ ...shop, issuer: SECRET_ISSUER, algorithms: ["HS256"], secret: SECRET },
	];
	t = await testBroker(authService, usersService);
});
afterAll(async () => {
	await t.stop();
	await server.stop();
});

const verify = (token: string) => t.as("")(auth.verify, { token });
const inAnHour = () => Math.floor(Date.now() / 1_000) + 3_600;
const claimsOf = (iss: string, more: object = {}) => ({
	iss,
	aud: "shop",
	sub: `sub-${newId()}`,
	exp: inAnHour(),
	...more,
});
const withSecret = (claims: Record<string, unknown>, alg = "HS256") =>
	new SignJWT(claims).setProtectedHeader({ alg }).sign(Buffer.from(SECRET));
const withPem = (claims: Record<string, unknown>, header = {}) =>
	new SignJWT(claims).setProtectedHeader({ alg: "ES256", ...header }).sign(ec.privateKey);

describe("a user of a host application", () => {
	test("T11: is believed to the end of their token where its key never changes, else for a moment", async () => {
		const claims = claimsOf(SECRET_ISSUER);
		expect((await verify(await withSecret(claims))).believedUntil).toBe(claims.exp * 1_000);
		const { believedUntil } = await verify(await server.sign("k1", claimsOf(JWKS_ISSUER)));
		expect((believedUntil ?? Number.NaN) - Date.now()).toBeLessThanOrEqual(10_000);
	});

	test("is made on first sight from sub, name and picture, and is the same from then on", async () => {
		const claims = claimsOf(JWKS_ISSUER, { name: "Zoë van Dam", picture: "https://cdn.example/zoe.png" });
		const identity = await verify(await server.sign("k1", claims));
		expect(identity).toEqual({
			userId: identity.userId,
			sessionId: null,
			expiresAt: claims.exp * 1_000,
			believedUntil: identity.believedUntil,
			admin: false,
		});
		const user = await t.as(identity.userId)(users.me, {});
		expect(user).toMatchObject({
			username: "zoe.van.dam",
			displayName: "Zoë van Dam",
			avatarUrl: "https://cdn.example/zoe.png",
			email: null,
		});
		const again = await verify(await server.sign("k1", { ...claims, name: "Somebody else" }));
		expect(again.userId).toBe(identity.userId);
		expect((await t.as(identity.userId)(users.me, {})).displayName).toBe("Zoë van Dam");
	});

	test("is one user, though twenty calls see them first at once", async () => {
		const token = await withSecret(claimsOf(SECRET_ISSUER, { name: "Twenty" }));
		const identities = await Promise.all(Array.from({ length: 20 }, () => verify(token)));
		expect(new Set(identities.map(({ userId }) => userId)).size).toBe(1);
	});

	test("is another user with another issuer, whatever they have in common", async () => {
		const common = { sub: `sub-${newId()}`, name: "Same Name" };
		const one = await verify(await withSecret(claimsOf(SECRET_ISSUER, common)));
		const other = await verify(await withPem(claimsOf(PEM_ISSUER, common)));
		expect(one.userId).not.toBe(other.userId);
		const names = await Promise.all([one, other].map(({ userId }) => t.as(userId)(users.me, {})));
		expect(names.map(({ displayName }) => displayName)).toEqual(["Same Name", "Same Name"]);
		expect(new Set(names.map(({ username }) => username)).size).toBe(2);
	});

	test("becomes no administrator by their name", async () => {
		config.adminUsers.push("root");
		const { admin, userId } = await verify(await withSecret(claimsOf(SECRET_ISSUER, { name: "root" })));
		expect(admin).toBe(false);
		expect((await t.as(userId)(users.me, {})).username).toMatch(/^root-[0-9a-f]{4}$/);
		config.adminUsers.pop();
	});

	test("has no password to sign in with, and none to change", async () => {
		const { userId } = await verify(await withSecret(claimsOf(SECRET_ISSUER, { name: "No Password" })));
		expect(await codeOf(t.as("")(auth.login, { login: "no.password", password: "x".repeat(8) }))).toBe(
			"UNAUTHENTICATED",
		);
		const params = { currentPassword: "x", newPassword: "battery staple" };
		expect(await codeOf(t.as(userId)(auth.changePassword, params))).toBe("FORBIDDEN");
		expect(await codeOf(t.as(userId, { sessionId: null })(auth.logout, {}))).toBe("ok");
	});
});

test("T10: a host application's token is refused unless all of it is as configured", async () => {
	const past = Math.floor(Date.now() / 1_000) - 60;
	const good = claimsOf(PEM_ISSUER);
	const hs256 = (key: string, claims: object) => {
		const input = [{ alg: "HS256" }, claims]
			.map(part => Buffer.from(JSON.stringify(part)).toString("base64url"))
			.join(".");
		return `${input}.${createHmac("sha256", key).update(input).digest("base64url")}`;
	};
	const none = `${Buffer.from('{"alg":"none"}').toString("base64url")}.${Buffer.from(JSON.stringify(good)).toString("base64url")}.`;
	const tokens: [string, string, string][] = [
		["as configured", await withPem(good), "ok"],
		["with an id token's claims", await withPem({ ...good, nonce: "n", at_hash: "h" }), "ok"],
		["for several audiences", await withPem({ ...good, aud: ["other", "shop"] }), "ok"],
		["expired", await withPem({ ...good, exp: past }), "TOKEN_EXPIRED"],
		["without exp", await withPem({ ...good, exp: undefined }), "UNAUTHENTICATED"],
		["without sub", await withPem({ ...good, sub: undefined }), "UNAUTHENTICATED"],
		["with an empty sub", await withPem({ ...good, sub: "" }), "UNAUTHENTICATED"],
		["with a sub that cannot be stored", await withPem({ ...good, sub: "a\0b" }), "UNAUTHENTICATED"],
		["with a sub too long", await withPem({ ...good, sub: "x".repeat(256) }), "UNAUTHENTICATED"],
		["for another audience", await withPem({ ...good, aud: "other" }), "UNAUTHENTICATED"],
		["without an audience", await withPem({ ...good, aud: undefined }), "UNAUTHENTICATED"],
		[
			"of an issuer that nobody named",
			await withPem({ ...good, iss: "https://evil.example" }),
			"UNAUTHENTICATED",
		],
		["of another issuer's key", await withPem(claimsOf(SECRET_ISSUER)), "UNAUTHENTICATED"],
		["not valid yet", await withPem({ ...good, nbf: inAnHour() }), "UNAUTHENTICATED"],
		["with a public key as a secret", hs256(ecPem, good), "UNAUTHENTICATED"],
		["with our own secret", hs256(config.jwtSecret, good), "UNAUTHENTICATED"],
		["with an algorithm that its key is not for", await withPem(good, {}).then(swapAlg), "UNAUTHENTICATED"],
		[
			"in an algorithm that its issuer does not use",
			await withSecret(claimsOf(SECRET_ISSUER), "HS512"),
			"UNAUTHENTICATED",
		],
		["in one that its key set has", await server.sign("ps", claimsOf(JWKS_ISSUER)), "UNAUTHENTICATED"],
		["unsigned", none, "UNAUTHENTICATED"],
		[
			"that brings its key",
			await withPem(good, { jwk: ec.publicKey.export({ format: "jwk" }) }),
			"UNAUTHENTICATED",
		],
		["that names where its key is", await withPem(good, { jku: server.url }), "UNAUTHENTICATED"],
		["of an unknown key", await server.sign("k1", claimsOf(JWKS_ISSUER), { kid: "k9" }), "UNAUTHENTICATED"],
		["for us under our own name", hs256(SECRET, { ...good, iss: config.jwtIssuer }), "UNAUTHENTICATED"],
	];
	const answers = await Promise.all(tokens.map(async ([name, token]) => [name, await codeOf(verify(token))]));
	expect(answers).toEqual(tokens.map(([name, , code]) => [name, code]));
});

const swapAlg = (token: string) =>
	[Buffer.from('{"alg":"ES384"}').toString("base64url"), ...token.split(".").slice(1)].join(".");

describe("a key server", () => {
	/** Longer than any test here takes, unless it says otherwise. */
	const LONG = { timeoutMs: 60_000, cooldownMs: 60_000, keysAgeMsMax: 60_000 };
	const sleep = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));

	/** One host application with keys of its own, and how we judge its tokens. */
	async function host(times: Partial<typeof LONG> = {}, algorithms: ForeignIssuer["algorithms"] = ["RS256"]) {
		const own = await keyServer();
		const issuers = new ForeignIssuers(
			[{ issuer: JWKS_ISSUER, audience: "shop", algorithms, jwksUrl: own.url }],
			{ ...LONG, ...times },
		);
		const codeFor = (token: string) =>
			codeOf(issuers.verify(token, readUnverified(token) as never, Date.now()));
		const judge = async (kid: string, header = {}) =>
			codeFor(await own.sign(kid, claimsOf(JWKS_ISSUER), header));
		return { server: own, judge, codeFor, stop: own.stop };
	}

	test("is asked once for many tokens", async () => {
		const { server, judge, stop } = await host();
		await server.addKey("a");
		expect(await Promise.all(Array.from({ length: 20 }, () => judge("a")))).toEqual(Array(20).fill("ok"));
		expect(server.requests).toBe(1);
		await stop();
	});

	test("T11: changes its key: the new one is taken at once, the old one until it is withdrawn", async () => {
		const { server, judge, codeFor, stop } = await host({ cooldownMs: 100, keysAgeMsMax: 300 });
		await server.addKey("old");
		expect(await judge("old")).toBe("ok");
		await sleep(120);
		await server.addKey("new");
		expect(await judge("new")).toBe("ok");
		expect(await judge("old")).toBe("ok");
		const old = await server.sign("old", claimsOf(JWKS_ISSUER));
		server.removeKey("old");
		await sleep(350);
		expect(await judge("new")).toBe("ok");
		expect(await codeFor(old)).toBe("UNAUTHENTICATED");
		await stop();
	});

	test("is not asked again for each unknown key", async () => {
		const { server, judge, stop } = await host();
		await server.addKey("a");
		await judge("a");
		for (let i = 0; i < 20; i++) await judge("a", { kid: `unknown-${i}` });
		expect(server.requests).toBeLessThanOrEqual(3);
		await stop();
	});

	test("may have several keys, of which a token need not name its own", async () => {
		const { server, judge, stop } = await host();
		for (const kid of ["a", "b", "c"]) await server.addKey(kid);
		expect(await judge("b", { kid: undefined })).toBe("ok");
		server.removeKey("b");
		await stop();
	});

	test.each(["hangs", "fails", "nonsense"] as const)(
		"that %s is no fault of the token: it may be tried again",
		async behaviour => {
			const { server, judge, stop } = await host({ timeoutMs: 200 });
			await server.addKey("a");
			server.behave(behaviour);
			const startedAt = Date.now();
			expect(await judge("a")).toBe("UNAVAILABLE");
			// What asks for the keys would by itself wait for 5 s.
			expect(Date.now() - startedAt).toBeLessThan(4_500);
			server.behave("answers");
			const again = await eventually(
				() => judge("a"),
				code => code !== "UNAVAILABLE",
			);
			expect(again).toBe("ok");
			await stop();
		},
	);

	test("takes no algorithm that is not configured, though it has such a key", async () => {
		const { server, judge, stop } = await host({}, ["RS256"]);
		await server.addKey("ps", "PS256");
		expect(await judge("ps")).toBe("UNAUTHENTICATED");
		await stop();
	});
});
