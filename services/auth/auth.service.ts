import type { Context } from "moleculer";
import * as auth from "../../contracts/auth.ts";
import type { Events } from "../../contracts/events.ts";
import { config } from "../../lib/config.ts";
import { conflict, fail, forbidden, notFound, unavailable } from "../../lib/errors.ts";
import { newId } from "../../lib/ids.ts";
import {
	announce,
	type CallerMeta,
	type Ctx,
	type Reply,
	type Schema,
	type Via,
} from "../../lib/moleculer.ts";
import { type LogVars, withLog } from "../../mixins/log.ts";
import { type RedisVars, withRedis } from "../../mixins/redis.ts";
import { toSelf, type UserRow } from "../../models/user.ts";
import { AccountStore } from "./accounts.store.ts";
import { canonical, cleanUserAgent } from "./auth.rules.ts";
import { ForeignIssuers } from "./foreign.ts";
import { Identities } from "./identities.ts";
import { Liveness } from "./liveness.ts";
import { type LoginGuard, loginGuard, noGuard } from "./login-guard.ts";
import { Passwords } from "./passwords.ts";
import { listSessions } from "./session-pages.ts";
import { type NewSession, SessionStore } from "./sessions.store.ts";
import { Tokens } from "./tokens.ts";

interface Methods {
	newSession(userId: string, meta: CallerMeta): Omit<NewSession, "passwordHash">;
	signedIn(user: UserRow, session: { id: string; at: Date }): auth.SignedIn;
	checkPassword(account: UserRow | null, login: string, password: string, meta: CallerMeta): Promise<boolean>;
	currentHash(account: UserRow, password: string): Promise<string>;
	/** Who is named an administrator before they have an account. */
	tellMissingAdmins(): Promise<void>;
	ended(via: Via, userId: string, sessionIds: string[]): Promise<void>;
}

interface Vars extends LogVars, RedisVars {
	accounts: AccountStore;
	sessions: SessionStore;
	passwords: Passwords;
	tokens: Tokens;
	liveness: Liveness;
	identities: Identities;
	guard: LoginGuard;
}

const WRONG_LOGIN = "The login or the password is wrong.";

const expiryOf = (at: Date) => new Date(at.getTime() + config.refreshTokenTtlS * 1_000);

/** Who is calling: a token speaks for a user only while its session lives, and no session outlives its password. */
export default {
	name: "auth",
	mixins: [withLog(), withRedis()],

	actions: {
		register: {
			...auth.register,
			async handler(ctx: Ctx<typeof auth.register>): Reply<typeof auth.register> {
				const { username, email, password, displayName } = ctx.params;
				const account = {
					id: newId(),
					username: canonical(username),
					email: canonical(email),
					displayName: displayName ?? username,
					passwordHash: await this.passwords.hash(password),
				};
				const session = this.newSession(account.id, ctx.meta);
				const user = await this.accounts.register(account, session);
				await this.guard.succeeded(user.id, ctx.meta.address ?? "");
				return this.signedIn(user, session);
			},
		},

		login: {
			...auth.login,
			async handler(ctx: Ctx<typeof auth.login>): Reply<typeof auth.login> {
				const login = canonical(ctx.params.login);
				const account = await this.accounts.byLogin(login);
				const right = await this.checkPassword(account, login, ctx.params.password, ctx.meta);
				if (!account || !right) throw fail("UNAUTHENTICATED", WRONG_LOGIN);
				const passwordHash = await this.currentHash(account, ctx.params.password);
				const session = this.newSession(account.id, ctx.meta);
				// The password was changed while we hashed: who asks again is judged by the new one.
				if (!(await this.sessions.begin({ ...session, passwordHash }))) throw unavailable();
				return this.signedIn(account, session);
			},
		},

		refresh: {
			...auth.refresh,
			async handler(ctx: Ctx<typeof auth.refresh>): Reply<typeof auth.refresh> {
				const claim = this.tokens.readRefresh(ctx.params.refreshToken);
				const verdict = claim && (await this.sessions.refresh(claim.sessionId, claim.generation, expiryOf));
				if (!verdict || verdict.kind === "dead") throw fail("UNAUTHENTICATED");
				const { userId } = verdict;
				const { sessionId } = claim;
				if (verdict.kind === "reuse") {
					this.logger.warn("A refresh token came again after its time: its session is ended.", {
						audit: "session.reused",
						userId,
						sessionId,
						address: ctx.meta.address,
					});
					await this.ended(ctx, userId, [sessionId]);
					throw fail("UNAUTHENTICATED");
				}
				return this.tokens.pair(userId, { sessionId, generation: verdict.generation }, verdict.issuedAt);
			},
		},

		logout: {
			...auth.logout,
			async handler(ctx: Ctx<typeof auth.logout>): Reply<typeof auth.logout> {
				const { user, sessionId } = ctx.meta;
				// A foreign issuer's token has no session: it runs out.
				if (sessionId && (await this.sessions.end(user.id, sessionId)))
					await this.ended(ctx, user.id, [sessionId]);
				return null;
			},
		},

		sessions: {
			...auth.sessions,
			async handler(ctx: Ctx<typeof auth.sessions>): Reply<typeof auth.sessions> {
				return listSessions(this.sessions, ctx.meta.user.id, ctx.meta.sessionId ?? null, ctx.params);
			},
		},

		endSession: {
			...auth.endSession,
			async handler(ctx: Ctx<typeof auth.endSession>): Reply<typeof auth.endSession> {
				const userId = ctx.meta.user.id;
				if (!(await this.sessions.end(userId, ctx.params.id))) throw notFound("session");
				await this.ended(ctx, userId, [ctx.params.id]);
				return null;
			},
		},

		changePassword: {
			...auth.changePassword,
			async handler(ctx: Ctx<typeof auth.changePassword>): Reply<typeof auth.changePassword> {
				const { user, sessionId = null } = ctx.meta;
				const { currentPassword, newPassword } = ctx.params;
				const account = await this.accounts.byId(user.id);
				const right = await this.checkPassword(account, user.id, currentPassword, ctx.meta);
				if (!account?.passwordHash || !right) throw forbidden("The current password is wrong.");
				const hash = await this.passwords.hash(newPassword);
				const ended = await this.sessions.changePassword(user.id, account.passwordHash, hash, sessionId);
				if (!ended) throw conflict("The password was changed meanwhile.");
				if (ended.length > 0) await this.ended(ctx, user.id, ended);
				return null;
			},
		},

		verify: {
			...auth.verify,
			async handler(ctx: Ctx<typeof auth.verify>): Reply<typeof auth.verify> {
				return this.identities.of(ctx, ctx.params.token);
			},
		},

		liveSessions: {
			...auth.liveSessions,
			async handler(ctx: Ctx<typeof auth.liveSessions>): Reply<typeof auth.liveSessions> {
				const live = await this.sessions.live(ctx.params.sessionIds);
				return live.map(session => session.id);
			},
		},
	},

	events: {
		async "sessions.ended"(ctx: Context<Events["sessions.ended"]>) {
			this.liveness.end(ctx.params.sessionIds);
		},
	},

	methods: {
		newSession(userId, meta) {
			const at = new Date();
			return { id: newId(), userId, userAgent: cleanUserAgent(meta.userAgent), at, expiresAt: expiryOf(at) };
		},

		signedIn(user, { id, at }) {
			const pair = this.tokens.pair(user.id, { sessionId: id, generation: 0 }, at.getTime());
			return { user: toSelf(user), ...pair };
		},

		/** One hash whatever is wrong: no such account, another password, or a locked account, are one answer. */
		async checkPassword(account, login, password, { address = "" }) {
			const right = await this.passwords.verify(password, account?.passwordHash ?? null);
			const counted = account?.id ?? `?${login}`;
			if (!right) {
				await this.guard.failed(counted, address);
				return false;
			}
			// Asked after the hash: of many guesses at once, those that come after the tenth failure are in vain.
			if (await this.guard.isLocked(counted, address)) return false;
			await this.guard.succeeded(counted, address);
			return true;
		},

		/** The account's hash, made anew where more work is asked for now than when it was made. */
		async currentHash(account, password) {
			const stored = account.passwordHash ?? "";
			if (!this.passwords.isOutdated(stored)) return stored;
			try {
				const hash = await this.passwords.hash(password);
				return (await this.accounts.replaceHash(account.id, stored, hash)) ? hash : stored;
			} catch (err) {
				this.logger.warn("A password was not hashed anew; its next login will.", err);
				return stored;
			}
		},

		async tellMissingAdmins() {
			const missing = await this.accounts.missing();
			if (missing.length === 0) return;
			this.logger.warn(
				`CHAT_ADMIN_USERS names users who do not exist: ${missing.join(", ")}. Nobody can register a name while it stands there: take it out, register it, then name it.`,
			);
		},

		async ended(via, userId, sessionIds) {
			this.liveness.end(sessionIds);
			await announce(via, "sessions.ended", { userId, sessionIds });
		},
	},

	created() {
		this.passwords = new Passwords();
		this.tokens = new Tokens({
			secret: config.jwtSecret,
			issuer: config.jwtIssuer,
			accessTtlS: config.accessTokenTtlS,
		});
		this.liveness = new Liveness(ids => this.sessions.live(ids));
	},

	async started() {
		this.accounts = new AccountStore(this.log, config.adminUsers);
		this.sessions = new SessionStore(this.db);
		const { tokens, liveness, accounts } = this;
		const foreign = new ForeignIssuers(config.jwtIssuers);
		this.identities = new Identities({ tokens, foreign, liveness, accounts });
		this.guard = config.rateLimits ? loginGuard(this.redis, config.namespace) : noGuard;
		await this.tellMissingAdmins();
	},
} satisfies Schema<Record<string, never>, Methods, Vars>;
