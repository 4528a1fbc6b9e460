/**
 * Tokens that are signed with a shared secret. They are checked at once and here: WebCrypto sends each to another
 * thread, which takes ten times as long.
 */
import { createHmac, type KeyObject, timingSafeEqual } from "node:crypto";
import { isMeantFor, type Unverified } from "./jwt.rules.ts";

export interface Expected {
	issuer: string;
	audience: string;
	/** Milliseconds since the epoch. */
	now: number;
	/** How much another's clock may be ahead of ours. */
	clockToleranceS: number;
}

/**
 * The claims of a token whose signature is the key's and which is meant for us, or null. It may have run out: that is
 * for the caller to say, once nothing else is wrong with it.
 */
export function verifiedHs256(
	token: string,
	{ header, claims }: Unverified,
	key: KeyObject,
	expected: Expected,
): Record<string, unknown> | null {
	if (header.alg !== "HS256" || !isSigned(token, key)) return null;
	return isMeantFor(expected, claims) && isOfNow(claims, expected) ? claims : null;
}

/** Compared as it is written, so that a signature has one spelling only. */
function isSigned(token: string, key: KeyObject): boolean {
	const end = token.lastIndexOf(".");
	const right = Buffer.from(createHmac("sha256", key).update(token.slice(0, end)).digest("base64url"));
	const given = Buffer.from(token.slice(end + 1));
	return given.length === right.length && timingSafeEqual(given, right);
}

function isOfNow({ nbf, iat }: Record<string, unknown>, { now, clockToleranceS }: Expected): boolean {
	if (iat !== undefined && typeof iat !== "number") return false;
	return nbf === undefined || (typeof nbf === "number" && nbf <= Math.floor(now / 1_000) + clockToleranceS);
}
