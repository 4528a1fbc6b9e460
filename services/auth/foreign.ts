import { createPublicKey, createSecretKey, type KeyObject } from "node:crypto";
import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from "jose";
import { isStorable } from "../../contracts/fields.ts";
import { codeOf, fail, unavailable } from "../../lib/errors.ts";
import type { ForeignIssuer } from "../../lib/issuers.ts";
import { verifiedHs256 } from "./hs256.ts";
import { isMeantFor, type Unverified } from "./jwt.rules.ts";

/** What a host application says of one of its users. */
export interface ForeignClaims {
	issuer: string;
	subject: string;
	name?: string;
	picture?: string;
	/** Milliseconds since the epoch. */
	expiresAt: number;
	/** Until then the token need not be checked again, ms since the epoch: a key that is served may be withdrawn. */
	believedUntil: number;
}

export interface KeySetTimes {
	/** A key server that takes longer is away. */
	timeoutMs: number;
	/** An unknown key id asks for the keys again, but not more often than this. */
	cooldownMs: number;
	/** So long is a key believed that its owner has withdrawn. */
	keysAgeMsMax: number;
}

const TIMES: KeySetTimes = { timeoutMs: 3_000, cooldownMs: 10_000, keysAgeMsMax: 300_000 };

/** For a token's `nbf`, whose issuer's clock is not ours. */
const CLOCK_TOLERANCE_S = 5;
const SUBJECT_MAX = 255;
/** Beyond what is shown of them, and within what `users.ofIssuer` takes. */
const NAME_MAX = 1_024;
const PICTURE_MAX = 4_096;

/** What a key set says of a token that none of its keys is for; all else is the key server's fault. */
const TOKENS_FAULT = [errors.JWKSNoMatchingKey, errors.JWKSMultipleMatchingKeys, errors.JOSENotSupported];

type KeyOf = JWTVerifyGetKey;

/** A token that was good is believed for this share of the time that a key is which is served. */
const TOKEN_SHARE = 1 / 30;

/** Checks the tokens of issuers that the configuration names, each with its own key, algorithms and audience. */
export class ForeignIssuers {
	readonly #issuers: { config: ForeignIssuer; key: KeyOf | KeyObject }[];
	readonly #believedMs: number;

	constructor(issuers: readonly ForeignIssuer[], times: KeySetTimes = TIMES) {
		this.#issuers = issuers.map(config => ({ config, key: keyOf(config, times) }));
		this.#believedMs = times.keysAgeMsMax * TOKEN_SHARE;
	}

	/**
	 * @throws TOKEN_EXPIRED, UNAUTHENTICATED, or UNAVAILABLE where the issuer's keys cannot be had
	 */
	async verify(token: string, unverified: Unverified, now: number): Promise<ForeignClaims> {
		// One issuer may stand for several audiences, each with keys of its own.
		const found = this.#issuers.find(({ config }) => isMeantFor(config, unverified.claims));
		if (!found) throw fail("UNAUTHENTICATED");
		const { issuer, jwksUrl } = found.config;
		const { sub, exp, name, picture } =
			typeof found.key === "function"
				? await verified(token, found.key, optionsOf(found.config, now))
				: withSecret(token, unverified, found.key, { ...found.config, now });
		if (!isSubject(sub) || !Number.isFinite(exp)) throw fail("UNAUTHENTICATED");
		const expiresAt = Math.floor((exp as number) * 1_000);
		if (expiresAt <= now) throw fail("TOKEN_EXPIRED");
		return {
			issuer,
			subject: sub,
			expiresAt,
			believedUntil: jwksUrl === undefined ? expiresAt : Math.min(expiresAt, now + this.#believedMs),
			...(typeof name === "string" && { name: name.slice(0, NAME_MAX) }),
			...(typeof picture === "string" && picture.length <= PICTURE_MAX && { picture }),
		};
	}
}

const isSubject = (sub: unknown): sub is string =>
	typeof sub === "string" && sub !== "" && sub.length <= SUBJECT_MAX && isStorable(sub);

/** A shared secret is a key by itself; it goes with HS256 and nothing else. */
function keyOf(
	config: ForeignIssuer,
	{ timeoutMs, cooldownMs, keysAgeMsMax }: KeySetTimes,
): KeyOf | KeyObject {
	if (config.secret !== undefined) return createSecretKey(Buffer.from(config.secret));
	if (config.jwksUrl !== undefined) {
		const keySet = createRemoteJWKSet(new URL(config.jwksUrl), {
			timeoutDuration: timeoutMs,
			cooldownDuration: cooldownMs,
			cacheMaxAge: keysAgeMsMax,
		});
		return async (header, token) => {
			try {
				return await keySet(header, token);
			} catch (err) {
				throw TOKENS_FAULT.some(kind => err instanceof kind) ? err : unavailable();
			}
		};
	}
	const key = createPublicKey(config.publicKey);
	return async () => key as never;
}

const optionsOf = ({ issuer, audience, algorithms }: ForeignIssuer, now: number) => ({
	issuer,
	audience,
	algorithms,
	requiredClaims: ["exp", "sub"],
	clockTolerance: CLOCK_TOLERANCE_S,
	currentDate: new Date(now),
});

function withSecret(
	token: string,
	unverified: Unverified,
	key: KeyObject,
	expected: { issuer: string; audience: string; now: number },
): Record<string, unknown> {
	const claims = verifiedHs256(token, unverified, key, { ...expected, clockToleranceS: CLOCK_TOLERANCE_S });
	if (!claims) throw fail("UNAUTHENTICATED");
	return claims;
}

async function verified(
	token: string,
	key: KeyOf,
	options: Parameters<typeof jwtVerify>[2],
): Promise<JWTPayload> {
	try {
		return (await jwtVerify(token, key, options)).payload;
	} catch (err) {
		if (err instanceof errors.JWKSMultipleMatchingKeys) return anyOf(err, token, options);
		throw refusal(err);
	}
}

/** A token without a key id may be of any of the set's keys that fit its algorithm. */
async function anyOf(
	keys: AsyncIterable<CryptoKey>,
	token: string,
	options: Parameters<typeof jwtVerify>[2],
): Promise<JWTPayload> {
	for await (const key of keys) {
		try {
			return (await jwtVerify(token, key, options)).payload;
		} catch (err) {
			if (!(err instanceof errors.JWSSignatureVerificationFailed)) throw refusal(err);
		}
	}
	throw fail("UNAUTHENTICATED");
}

function refusal(err: unknown): Error {
	if (codeOf(err) === "UNAVAILABLE") return err as Error;
	return fail(err instanceof errors.JWTExpired ? "TOKEN_EXPIRED" : "UNAUTHENTICATED");
}
