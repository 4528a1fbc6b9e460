import { Op } from "sequelize";
import type { Session } from "../../contracts/auth.ts";
import { catalogued, type Database, type Query } from "../../lib/database.ts";
import type { Tables } from "../../lib/tables.ts";
import { type SessionModel, type SessionRow, sessionModel } from "../../models/session.ts";
import { type Judgement, judge, type RefreshLine } from "./auth.rules.ts";

export interface NewSession {
	id: string;
	userId: string;
	userAgent: string | null;
	at: Date;
	expiresAt: Date;
	/** The hash that was verified: a session begins only while it is still the account's. */
	passwordHash: string;
}

/** A session that lives, as far as access tokens go. */
export interface LiveSession {
	id: string;
	userId: string;
	username: string;
}

export type Refreshed = Judgement & { userId: string };

interface LineRow {
	user_id: string;
	generation: number;
	rotations: Date[];
	expires_at: string;
	ended_at: string | null;
}

/** Where a page of sessions goes on: the last one's use and id. */
export type SessionPosition = [lastUsedAt: string, id: string];

/**
 * Begins a session; false where the password is no longer the one that was verified, for then a change of password
 * has ended all sessions of the old one already.
 */
export async function insertSession(query: Query, t: Tables, session: NewSession): Promise<boolean> {
	const { id, userId, userAgent, at, expiresAt, passwordHash } = session;
	const rows = await query(
		`INSERT INTO ${t.sessions} (id, user_id, user_agent, created_at, last_used_at, expires_at)
		 SELECT $1, u.id, $3, $4, $4, $5 FROM ${t.users} u WHERE u.id = $2 AND u.password_hash = $6 FOR SHARE
		 RETURNING id`,
		[id, userId, userAgent, at, expiresAt, passwordHash],
		"insert-session",
	);
	return rows.length > 0;
}

/** The rows of sessions. Whatever ends one answers with the ids that ended, so that they can be announced. */
export class SessionStore {
	readonly #db: Database;
	readonly #sessions: SessionModel;

	constructor(db: Database) {
		this.#db = db;
		this.#sessions = sessionModel(db.sequelize, db.schema);
	}

	/** Begins a session, and forgets those of the user's that have been over for a day. */
	async begin(session: NewSession): Promise<boolean> {
		const { t } = this.#db;
		return this.#db.tx(async query => {
			await query(
				`DELETE FROM ${t.sessions} WHERE user_id = $1 AND least(ended_at, expires_at) < $2::timestamptz - interval '1 day'`,
				[session.userId, session.at],
				"forget-sessions",
			);
			return insertSession(query, t, session);
		});
	}

	/** Judges a refresh token on the locked session, and does what follows from it. Null where there is no session. */
	async refresh(id: string, generation: number, expiresAt: (now: Date) => Date): Promise<Refreshed | null> {
		const { t } = this.#db;
		return this.#db.tx(async query => {
			const [row] = await query<LineRow>(
				`SELECT user_id, generation, rotations, expires_at, ended_at FROM ${t.sessions} WHERE id = $1 FOR UPDATE`,
				[id],
				"lock-session",
			);
			if (!row) return null;
			// After the wait for the lock, or fifty at once would each have another idea of now.
			const now = new Date();
			const verdict = judge(lineOf(row), generation, now.getTime());
			if (verdict.kind === "exchange") {
				const rotations = verdict.rotations.map(at => new Date(at));
				await query(
					`UPDATE ${t.sessions} SET generation = generation + 1, rotations = $2::timestamptz[], last_used_at = $3,
						expires_at = $4 WHERE id = $1`,
					[id, rotations, now, expiresAt(now)],
					"exchange-refresh",
				);
			}
			if (verdict.kind === "reuse")
				await query(`UPDATE ${t.sessions} SET ended_at = $2 WHERE id = $1`, [id, now], "end-reused");
			return { ...verdict, userId: row.user_id };
		});
	}

	/** Live sessions of a user, the latest used first. */
	async list(userId: string, limit: number, after: SessionPosition | null, now: Date): Promise<SessionRow[]> {
		const [lastUsedAt, id] = after ?? [];
		const beyond = after && {
			[Op.or]: [
				{ lastUsedAt: { [Op.lt]: lastUsedAt } },
				{ lastUsedAt: { [Op.eq]: lastUsedAt }, id: { [Op.lt]: id } },
			],
		};
		const rows = await catalogued(
			this.#sessions.findAll({
				where: { userId, endedAt: null, expiresAt: { [Op.gt]: now }, ...beyond },
				order: [
					["lastUsedAt", "DESC"],
					["id", "DESC"],
				],
				limit,
			}),
		);
		return rows.map(row => row.get({ plain: true }));
	}

	/** Ends one session; false where the user has no such session that lives. */
	async end(userId: string, id: string): Promise<boolean> {
		const rows = await this.#db.query(
			`UPDATE ${this.#db.t.sessions} SET ended_at = now()
			 WHERE id = $1 AND user_id = $2 AND ended_at IS NULL AND expires_at > now() RETURNING id`,
			[id, userId],
			"end-session",
		);
		return rows.length > 0;
	}

	/**
	 * Sets a new password and ends all sessions but `keepId`, all or nothing.
	 * @returns the sessions that ended, or null where the password is no longer the one that was verified
	 */
	async changePassword(
		userId: string,
		was: string,
		is: string,
		keepId: string | null,
	): Promise<string[] | null> {
		const { t } = this.#db;
		return this.#db.tx(async query => {
			const changed = await query(
				`UPDATE ${t.users} SET password_hash = $3 WHERE id = $1 AND password_hash = $2 RETURNING id`,
				[userId, was, is],
				"replace-hash",
			);
			if (changed.length === 0) return null;
			const ended = await query<{ id: string }>(
				`UPDATE ${t.sessions} SET ended_at = now()
				 WHERE user_id = $1 AND id IS DISTINCT FROM $2 AND ended_at IS NULL RETURNING id`,
				[userId, keepId],
				"end-other-sessions",
			);
			return ended.map(row => row.id);
		});
	}

	/** Which of the given sessions live. */
	async live(ids: readonly string[]): Promise<LiveSession[]> {
		const { t } = this.#db;
		const rows = await this.#db.query<{ id: string; user_id: string; username: string }>(
			`SELECT s.id, s.user_id, u.username FROM ${t.sessions} s JOIN ${t.users} u ON u.id = s.user_id
			 WHERE s.id = ANY($1::uuid[]) AND s.ended_at IS NULL AND s.expires_at > now()`,
			[ids],
			"live-sessions",
		);
		return rows.map(row => ({ id: row.id, userId: row.user_id, username: row.username }));
	}
}

const lineOf = (row: LineRow): RefreshLine => ({
	generation: row.generation,
	rotations: row.rotations.map(at => at.getTime()),
	expiresAt: Date.parse(row.expires_at),
	endedAt: row.ended_at === null ? null : Date.parse(row.ended_at),
});

/** A session as its user sees it. */
export const toSession = (row: SessionRow, currentId: string | null): Session => ({
	id: row.id,
	createdAt: row.createdAt.toISOString(),
	lastUsedAt: row.lastUsedAt.toISOString(),
	userAgent: row.userAgent,
	current: row.id === currentId,
});
