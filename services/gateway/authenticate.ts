/** Who is asking: a token becomes what every service trusts. REST asks for each call, a socket when it connects. */
import * as auth from "../../contracts/auth.ts";
import { fail } from "../../lib/errors.ts";
import { type CallerMeta, call, type Via } from "../../lib/moleculer.ts";

export interface Caller {
	meta: Pick<CallerMeta, "user" | "sessionId">;
	/** When the token runs out, in ms since the epoch. */
	expiresAt: number;
}

const TOKEN_MAX = 8_192;

/**
 * @throws UNAUTHENTICATED, TOKEN_EXPIRED, or UNAVAILABLE where nobody could check the token
 */
export async function authenticate(via: Via, token: unknown): Promise<Caller> {
	if (typeof token !== "string" || token === "") throw fail("UNAUTHENTICATED", "A token is needed.");
	if (token.length > TOKEN_MAX) throw fail("UNAUTHENTICATED", "The token is too long.");
	const { userId, sessionId, expiresAt, admin } = await call(via, auth.verify, { token });
	return { meta: { user: { id: userId, admin }, sessionId }, expiresAt };
}

/** The token of `Authorization: Bearer …`, or null. A token in the query string is not looked at. */
export function bearerToken(header: string | undefined): string | null {
	return /^Bearer +([^\s,]+)$/i.exec(header?.trim() ?? "")?.[1] ?? null;
}
