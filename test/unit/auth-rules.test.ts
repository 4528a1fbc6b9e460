import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { cleanUserAgent, GRACE_MS, judge, type RefreshLine } from "../../services/auth/auth.rules.ts";
import { namesTwice, readUnverified, TOKEN_LENGTH_MAX } from "../../services/auth/jwt.rules.ts";
import { Tokens } from "../../services/auth/tokens.ts";

const NOW = 1_800_000_000_000;
const line = (more: Partial<RefreshLine> = {}): RefreshLine => ({
	generation: 0,
	rotations: [],
	expiresAt: NOW + 1,
	endedAt: null,
	...more,
});

describe("a refresh token", () => {
	test("of now is exchanged", () => {
		const at = { kind: "exchange", generation: 1, issuedAt: NOW, rotations: [NOW] };
		expect(judge(line(), 0, NOW)).toEqual(at);
	});

	test("of before gives its pair again for 10 s, to the millisecond", () => {
		const used = line({ generation: 1, rotations: [NOW] });
		const again = { kind: "repeat", generation: 1, issuedAt: NOW };
		expect(judge({ ...used, expiresAt: NOW * 2 }, 0, NOW + GRACE_MS)).toEqual(again);
		expect(judge({ ...used, expiresAt: NOW * 2 }, 0, NOW + GRACE_MS + 1)).toEqual({ kind: "reuse" });
	});

	test.each<[string, RefreshLine, number]>([
		["of an ended session", line({ endedAt: NOW - 1 }), 0],
		["of a session that nobody used", line({ expiresAt: NOW }), 0],
		["that was never given", line(), 1],
		["of an ended session, used before", line({ generation: 1, rotations: [NOW], endedAt: NOW }), 0],
	])("%s is dead", (_, dead, generation) => {
		expect(judge(dead, generation, NOW)).toEqual({ kind: "dead" });
	});

	test("T12: in any line of exchanges, what was exchanged within 10 s is repeated as it was, and nothing else", () => {
		const waits = fc.array(fc.integer({ min: 0, max: 6_000 }), { minLength: 1, maxLength: 60 });
		fc.assert(
			fc.property(waits, fc.nat(), fc.integer({ min: 0, max: 20_000 }), (steps, which, pause) => {
				let now = NOW;
				let state = line({ expiresAt: Number.MAX_SAFE_INTEGER });
				const exchanged: number[] = [];
				for (const wait of steps) {
					now += wait;
					const verdict = judge(state, state.generation, now);
					if (verdict.kind !== "exchange") throw new Error(verdict.kind);
					exchanged.push(verdict.issuedAt);
					state = { ...state, generation: verdict.generation, rotations: verdict.rotations };
				}
				const asked = which % steps.length;
				const issuedAt = exchanged[asked] as number;
				const verdict = judge(state, asked, now + pause);
				// Of very many exchanges in 10 s only the latest are remembered.
				const isKept = now + pause - issuedAt <= GRACE_MS && steps.length - asked <= 32;
				expect(verdict).toEqual(
					isKept ? { kind: "repeat", generation: asked + 1, issuedAt } : { kind: "reuse" },
				);
				expect(state.rotations.length).toBeLessThanOrEqual(32);
			}),
		);
	});
});

describe("our tokens", () => {
	const SECRET = "s".repeat(32);
	const tokens = (secret = SECRET, issuer = "parley:a") => new Tokens({ secret, issuer, accessTtlS: 900 });
	const claim = { sessionId: "01890000-0000-7000-8000-0000000000ff", generation: 4_000_000_000 };
	const USER = "01890000-0000-7000-8000-000000000001";

	test("are the same pair, made anew from the same", () => {
		expect(tokens().pair(USER, claim, NOW)).toEqual(tokens().pair(USER, claim, NOW));
		expect(tokens().readRefresh(tokens().pair(USER, claim, NOW).refreshToken)).toEqual(claim);
	});

	test("of another secret or installation are none", () => {
		const { refreshToken, accessToken } = tokens().pair(USER, claim, NOW);
		for (const other of [tokens("x".repeat(32)), tokens(SECRET, "parley:b")]) {
			expect(other.readRefresh(refreshToken)).toBeNull();
			const unverified = readUnverified(accessToken);
			expect(() => other.verifyAccess(accessToken, unverified as never, NOW)).toThrow();
		}
	});

	test("run out to the second", () => {
		const { accessToken } = tokens().pair(USER, claim, NOW);
		const verify = (now: number) =>
			tokens().verifyAccess(accessToken, readUnverified(accessToken) as never, now);
		expect(verify(NOW + 899_999).expiresAt).toBe(NOW + 900_000);
		expect(() => verify(NOW + 900_000)).toThrow(expect.objectContaining({ type: "TOKEN_EXPIRED" }));
	});

	test("a refresh token with any bit turned is none", () => {
		const bytes = Buffer.from(tokens().pair(USER, claim, NOW).refreshToken, "base64url");
		for (let bit = 0; bit < bytes.length * 8; bit++) {
			const turned = Buffer.from(bytes);
			turned[bit >> 3] = (turned[bit >> 3] as number) ^ (1 << (bit & 7));
			expect(tokens().readRefresh(turned.toString("base64url"))).toBeNull();
		}
	});
});

describe("a key that is named twice", () => {
	test.each([
		['{"a":1,"a":2}', true],
		['{"a":1,"b":{"a":2}}', false],
		['{"a":{"b":1,"b":2}}', true],
		['[{"a":1},{"a":2}]', false],
		['{"a":["a","a"],"b":"a"}', false],
		['{"a":1,"\\u0061":2}', true],
		['{"a":"\\"a\\":1,\\"a\\":2"}', false],
		['{"a\\\\":1,"a":2}', false],
		['{"a" : 1 , "a" : 2}', true],
	])("%s: %s", (json, expected) => {
		expect(namesTwice(json)).toBe(expected);
	});

	test("is never found in what JSON.stringify made, and always once a key is repeated", () => {
		fc.assert(
			fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }), object => {
				const json = JSON.stringify(object);
				expect(namesTwice(json)).toBe(false);
				const key = JSON.stringify(Object.keys(object)[0]);
				expect(namesTwice(`{${key}:0,${json.slice(1)}`)).toBe(true);
			}),
		);
	});
});

test("T19: a token of the worst letters is judged at once", () => {
	const worst = ["a".repeat(65_536), ".".repeat(65_536), `${"a".repeat(30_000)}.${"a".repeat(30_000)}`];
	const quotes = Buffer.from(`{"a":"${"\\".repeat(4_000)}`).toString("base64url");
	const msFor = (token: string) => {
		const startedAt = performance.now();
		expect(readUnverified(token)).toBeNull();
		return performance.now() - startedAt;
	};
	// A machine that stalls is slow once, what is slow each time.
	for (const token of [...worst, `${quotes}.${quotes}.a`.slice(0, TOKEN_LENGTH_MAX)])
		expect(Math.min(msFor(token), msFor(token), msFor(token))).toBeLessThan(50);
});

test("a user agent is one line of storable text, or none", () => {
	expect(cleanUserAgent(undefined)).toBeNull();
	expect(cleanUserAgent("\0\r\n\t ")).toBeNull();
	expect(cleanUserAgent("Mozilla/5.0\r\nX: y")).toBe("Mozilla/5.0  X: y");
	expect(cleanUserAgent(`${"x".repeat(255)}😀`)).toBe(`${"x".repeat(255)}\ufffd`);
});
