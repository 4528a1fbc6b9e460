/** Who is asking: a token becomes what every service trusts. REST asks for each call, a socket when it connects. */
import * as auth from "../../contracts/auth.ts";
import { BoundedMap } from "../../lib/bounded-map.ts";
import { fail } from "../../lib/errors.ts";
import { type CallerMeta, call, type Via } from "../../lib/moleculer.ts";

export interface Caller {
	meta: Pick<CallerMeta, "user" | "sessionId">;
	/** When the token runs out, in ms since the epoch. */
	expiresAt: number;
	/** Until then it need not be checked again; absent where a session may end any time. */
	believedUntil?: number;
}

const TOKEN_MAX = 8_192;

/**
 * @throws UNAUTHENTICATED, TOKEN_EXPIRED, or UNAVAILABLE where nobody could check the token
 */
export async function authenticate(via: Via, token: unknown): Promise<Caller> {
	if (typeof token !== "string" || token === "") throw fail("UNAUTHENTICATED", "A token is needed.");
	if (token.length > TOKEN_MAX) throw fail("UNAUTHENTICATED", "The token is too long.");
	const { userId, sessionId, expiresAt, believedUntil, admin } = await call(via, auth.verify, { token });
	return {
		meta: { user: { id: userId, admin }, sessionId },
		expiresAt,
		...(believedUntil !== undefined && { believedUntil }),
	};
}

/** The token of `Authorization: Bearer …`, or null. A token in the query string is not looked at. */
export function bearerToken(header: string | undefined): string | null {
	return /^Bearer +([^\s,]+)$/i.exec(header?.trim() ?? "")?.[1] ?? null;
}

/** With what whoever answers believes by itself, an end is known within 30 s though every hint about it is lost. */
const BELIEVED_MS = 5_000;
/** Longer ones are asked for each time, so that what is kept stays small. */
const KEPT_TOKEN_MAX = 1_024;
const CALLERS_MAX = 20_000;
const ENDED_MAX = 50_000;

/**
 * The callers of REST, who bring the same token with each call: what it was found to say is believed for a moment,
 * unless its session is said to have ended, which it never does twice.
 */
export class Callers {
	readonly #via: Via;
	readonly #believed = new BoundedMap<string, { caller: Caller; until: number }>(CALLERS_MAX);
	readonly #ended = new BoundedMap<string, true>(ENDED_MAX);

	constructor(via: Via) {
		this.#via = via;
	}

	/** @throws as `authenticate` */
	async of(token: string | null): Promise<Caller> {
		const now = Date.now();
		const known = token === null ? undefined : this.#believed.get(token);
		if (known && now < known.until && !this.#hasEnded(known.caller)) return known.caller;
		const caller = await authenticate(this.#via, token);
		if (token !== null && token.length <= KEPT_TOKEN_MAX)
			this.#believed.set(token, {
				caller,
				until: Math.min(caller.believedUntil ?? now + BELIEVED_MS, caller.expiresAt),
			});
		return caller;
	}

	end(sessionIds: readonly string[]): void {
		for (const id of sessionIds) this.#ended.set(id, true);
	}

	#hasEnded({ meta: { sessionId } }: Caller): boolean {
		return typeof sessionId === "string" && this.#ended.get(sessionId) === true;
	}
}
