import { createHmac, createSecretKey, hkdfSync, type KeyObject, timingSafeEqual } from "node:crypto";
import jwt from "jsonwebtoken";
import type { TokenPair } from "../../contracts/auth.ts";
import { fail } from "../../lib/errors.ts";
import { verifiedHs256 } from "./hs256.ts";
import type { Unverified } from "./jwt.rules.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Which token of its session's line a refresh token is. */
export interface RefreshClaim {
	sessionId: string;
	generation: number;
}

export interface AccessClaims {
	userId: string;
	sessionId: string;
	/** Milliseconds since the epoch. */
	expiresAt: number;
}

export interface TokenOptions {
	/** At least 32 bytes. */
	secret: string;
	issuer: string;
	accessTtlS: number;
}

/**
 * Our own tokens. A pair follows from the session, its generation and the time of the exchange alone: asked again, it
 * is the same pair, and the database holds nothing that anyone could sign in with.
 */
export class Tokens {
	readonly audience: string;
	readonly #accessKey: KeyObject;
	readonly #refreshKey: Buffer;
	readonly #options: TokenOptions;

	constructor(options: TokenOptions) {
		this.#options = options;
		this.audience = `${options.issuer}:api`;
		this.#accessKey = createSecretKey(Buffer.from(options.secret));
		this.#refreshKey = Buffer.from(
			hkdfSync("sha256", options.secret, options.issuer, "parley refresh token v1", 32),
		);
	}

	/** @param issuedAt when the generation began, in ms */
	pair(userId: string, { sessionId, generation }: RefreshClaim, issuedAt: number): TokenPair {
		const { issuer, accessTtlS } = this.#options;
		const iat = Math.floor(issuedAt / 1_000);
		const accessToken = jwt.sign(
			{ typ: "access", sid: sessionId, iat, exp: iat + accessTtlS },
			this.#accessKey,
			{
				algorithm: "HS256",
				issuer,
				audience: this.audience,
				subject: userId,
			},
		);
		return {
			accessToken,
			refreshToken: this.#refreshToken({ sessionId, generation }),
			expiresIn: accessTtlS,
		};
	}

	/**
	 * Checks an access token of ours.
	 * @throws TOKEN_EXPIRED only where nothing else is wrong with it, else UNAUTHENTICATED
	 */
	verifyAccess(token: string, unverified: Unverified, now: number): AccessClaims {
		const { header } = unverified;
		if (Object.keys(header).some(name => name !== "alg" && name !== "typ") || header.typ !== "JWT")
			throw fail("UNAUTHENTICATED");
		const expected = { ...this.#options, audience: this.audience, now, clockToleranceS: 0 };
		const claims = verifiedHs256(token, unverified, this.#accessKey, expected);
		const { sub, sid, typ, exp, aud } = claims ?? {};
		if (
			typeof aud !== "string" ||
			typ !== "access" ||
			!isUuid(sub) ||
			!isUuid(sid) ||
			!Number.isSafeInteger(exp)
		)
			throw fail("UNAUTHENTICATED");
		const expiresAt = (exp as number) * 1_000;
		if (expiresAt <= now) throw fail("TOKEN_EXPIRED");
		return { userId: sub, sessionId: sid, expiresAt };
	}

	#refreshToken({ sessionId, generation }: RefreshClaim): string {
		const claim = Buffer.alloc(20);
		claim.write(sessionId.replaceAll("-", ""), "hex");
		claim.writeUInt32BE(generation, 16);
		return Buffer.concat([claim, this.#seal(claim)]).toString("base64url");
	}

	/** Which session and generation a refresh token is of, or null where it is not one of ours. */
	readRefresh(token: string): RefreshClaim | null {
		const bytes = Buffer.from(token, "base64url");
		if (bytes.length !== 52 || bytes.toString("base64url") !== token) return null;
		const claim = bytes.subarray(0, 20);
		if (!timingSafeEqual(bytes.subarray(20), this.#seal(claim))) return null;
		const hex = claim.toString("hex", 0, 16);
		const sessionId = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
		return { sessionId, generation: claim.readUInt32BE(16) };
	}

	#seal(claim: Buffer): Buffer {
		return createHmac("sha256", this.#refreshKey).update(claim).digest();
	}
}

const isUuid = (value: unknown): value is string => typeof value === "string" && UUID.test(value);
