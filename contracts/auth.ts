import { action, internal, type Page } from "./contract.ts";
import * as field from "./fields.ts";
import { LIMITS } from "./limits.ts";
import type { User } from "./users.ts";

/** What signing in gives; `expiresIn` are the access token's seconds. */
export interface SignedIn {
	user: User;
	accessToken: string;
	refreshToken: string;
	expiresIn: number;
}

export type TokenPair = Omit<SignedIn, "user">;

export interface Session {
	id: string;
	createdAt: string;
	lastUsedAt: string;
	userAgent: string | null;
	/** Whether this is the session that asks. */
	current: boolean;
}

export const register = action<SignedIn>()({
	action: "auth.register",
	doc: "Makes an account and signs it in.",
	rest: "POST /auth/register",
	status: 201,
	auth: "public",
	rate: "register",
	params: {
		$$strict: true,
		username: {
			type: "string",
			min: LIMITS.usernameMin,
			max: LIMITS.usernameMax,
			pattern: /^[a-z0-9_.-]+$/i,
		},
		email: field.email,
		password: { type: "string", min: LIMITS.passwordMin, max: LIMITS.passwordMax },
		displayName: field.displayName,
	},
});

export const login = action<SignedIn>()({
	action: "auth.login",
	doc: "Signs in with a username or an e-mail.",
	rest: "POST /auth/login",
	auth: "public",
	rate: "login",
	params: {
		$$strict: true,
		login: field.secret(LIMITS.emailMax),
		password: { type: "string", min: 1, max: LIMITS.passwordMax },
	},
});

export const refresh = action<TokenPair>()({
	action: "auth.refresh",
	doc: "Exchanges a refresh token for a new pair; for 10 s it gives that same pair again, later it ends its session.",
	rest: "POST /auth/refresh",
	auth: "public",
	rate: "refresh",
	params: { $$strict: true, refreshToken: field.secret(512) },
});

export const logout = action<null>()({
	action: "auth.logout",
	doc: "Ends the caller's session.",
	rest: "POST /auth/logout",
	status: 204,
	auth: "required",
	rate: "write",
	params: { $$strict: true },
});

export const sessions = action<Page<Session>>()({
	action: "auth.sessions",
	doc: "The caller's sessions, the latest used first.",
	rest: "GET /auth/sessions",
	auth: "required",
	rate: "read",
	params: { $$strict: true, cursor: field.cursor, limit: field.limit },
});

export const endSession = action<null>()({
	action: "auth.endSession",
	doc: "Ends one of the caller's sessions, its access tokens and its sockets.",
	rest: "DELETE /auth/sessions/:id",
	status: 204,
	auth: "required",
	rate: "write",
	params: { $$strict: true, id: field.id },
});

export const changePassword = action<null>()({
	action: "auth.changePassword",
	doc: "Changes the password and ends all other sessions.",
	rest: "POST /auth/password",
	status: 204,
	auth: "required",
	rate: "login",
	params: {
		$$strict: true,
		currentPassword: { type: "string", min: 1, max: LIMITS.passwordMax },
		newPassword: { type: "string", min: LIMITS.passwordMin, max: LIMITS.passwordMax },
	},
});

/** Who a token speaks for. `sessionId` is null for a foreign issuer's token. */
export interface Identity {
	userId: string;
	sessionId: string | null;
	/** When the token runs out, in ms since the epoch. */
	expiresAt: number;
	/** Until then a foreign token need not be checked again, in ms since the epoch; absent where a session may end any time. */
	believedUntil?: number;
	/** Whether the user may call `admin` actions. */
	admin: boolean;
}

export const verify = internal<Identity>()({
	action: "auth.verify",
	doc: "Checks an access token, of our own or of a configured issuer, and that its session lives.",
	// No bounds here: an empty token or a huge one is a wrong token, as any other, and not a wrong call.
	params: { $$strict: true, token: { type: "string" } },
});

export const liveSessions = internal<string[]>()({
	action: "auth.liveSessions",
	doc: "Which of the given sessions have not ended; gateways ask every 30 s for those of their sockets.",
	params: { $$strict: true, sessionIds: { type: "array", items: field.id, max: 5_000 } },
});
