import { hash } from "node:crypto";
import type { Identity } from "../../contracts/auth.ts";
import * as users from "../../contracts/users.ts";
import { BoundedMap } from "../../lib/bounded-map.ts";
import { config } from "../../lib/config.ts";
import { fail } from "../../lib/errors.ts";
import { call, type Via } from "../../lib/moleculer.ts";
import type { AccountStore } from "./accounts.store.ts";
import type { ForeignIssuers } from "./foreign.ts";
import { readUnverified, type Unverified } from "./jwt.rules.ts";
import type { Liveness } from "./liveness.ts";
import type { AccessClaims, Tokens } from "./tokens.ts";

const SEEN_MAX = 20_000;
const BELIEVED_MAX = 20_000;

/** What a token said when it was checked; of ours, whether its session goes on is asked each time. */
type Believed = { until: number } & ({ own: AccessClaims } | { foreign: Identity });

interface Parts {
	tokens: Tokens;
	foreign: ForeignIssuers;
	liveness: Liveness;
	accounts: Pick<AccountStore, "byId">;
}

/** Who a token speaks for, whoever made it. */
export class Identities {
	readonly #parts: Parts;
	/** Users of foreign issuers that were seen: they are made once and never change their name. */
	readonly #seen = new BoundedMap<string, { id: string; username: string }>(SEEN_MAX);
	/** By the token's hash: REST brings the same one with each call, and checking it costs more than most calls. */
	readonly #believed = new BoundedMap<string, Believed>(BELIEVED_MAX);

	constructor(parts: Parts) {
		this.#parts = parts;
	}

	/** @throws UNAUTHENTICATED, TOKEN_EXPIRED, or UNAVAILABLE where nobody could tell */
	async of(via: Via, token: string): Promise<Identity> {
		const id = hash("sha256", token, "base64");
		const now = Date.now();
		const known = this.#believed.get(id);
		const believed = known && now < known.until ? known : await this.#check(via, token, now);
		if (believed !== known) this.#believed.set(id, believed);
		return "own" in believed ? this.#ofSession(believed.own) : believed.foreign;
	}

	async #check(via: Via, token: string, now: number): Promise<Believed> {
		const { tokens } = this.#parts;
		const unverified = readUnverified(token);
		if (!unverified) throw fail("UNAUTHENTICATED");
		if (unverified.claims.iss === config.jwtIssuer) {
			const own = tokens.verifyAccess(token, unverified, now);
			return { own, until: own.expiresAt };
		}
		return this.#foreign(via, token, unverified, now);
	}

	async #ofSession({ userId, sessionId, expiresAt }: AccessClaims): Promise<Identity> {
		const session = await this.#parts.liveness.of(sessionId);
		if (session?.userId !== userId) throw fail("UNAUTHENTICATED");
		return { userId, sessionId, expiresAt, admin: isAdmin(session) };
	}

	async #foreign(via: Via, token: string, unverified: Unverified, now: number): Promise<Believed> {
		const { expiresAt, believedUntil, ...claims } = await this.#parts.foreign.verify(token, unverified, now);
		const key = JSON.stringify([claims.issuer, claims.subject]);
		const user = this.#seen.get(key) ?? (await this.#find(via, claims));
		this.#seen.set(key, user);
		const identity = { userId: user.id, sessionId: null, expiresAt, believedUntil, admin: isAdmin(user) };
		return { foreign: identity, until: believedUntil };
	}

	async #find(via: Via, claims: Parameters<typeof call<typeof users.ofIssuer>>[2]) {
		const { id } = await call(via, users.ofIssuer, claims);
		const account = await this.#parts.accounts.byId(id);
		if (!account) throw fail("UNAUTHENTICATED");
		return { id, username: account.username };
	}
}

const isAdmin = ({ username }: { username: string }) => config.adminUsers.includes(username);
