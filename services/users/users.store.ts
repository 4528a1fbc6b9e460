import { Batcher, type Outcome } from "../../lib/batcher.ts";
import type { Database, Query } from "../../lib/database.ts";
import { unavailable } from "../../lib/errors.ts";
import { newId } from "../../lib/ids.ts";
import type { ChatLog } from "../../lib/log/change.ts";
import { toUser, type UserRow } from "../../models/user.ts";
import { type Profile, type ProfileEdit, type Proposal, searchPatterns, withEdit } from "./users.rules.ts";

type Row = Omit<UserRow, "passwordHash" | "issuer" | "subject">;

const COLUMNS = `id, username, email, display_name AS "displayName", avatar_url AS "avatarUrl", metadata,
	created_at AS "createdAt", updated_at AS "updatedAt"`;

/** A page of users by username; `$3` and `$4` are patterns, whose case PostgreSQL folds as it did the column's. */
export const listSql = (users: string, searching: boolean): string =>
	`SELECT ${COLUMNS} FROM ${users} WHERE username > $1
	 ${searching ? "AND (search LIKE lower($3) OR search LIKE lower($4))" : ""} ORDER BY username LIMIT $2`;

/** Accounts as they are shown. */
export class UserStore {
	readonly #log: ChatLog;
	readonly #db: Database;
	/** Each client asks who it is when it comes, and many come at once. */
	readonly #reads: Batcher<string, Row | null>;

	constructor(log: ChatLog) {
		this.#log = log;
		this.#db = log.db;
		this.#reads = new Batcher({
			batchMax: 500,
			queueMax: 10_000,
			run: ids => this.#byIds(ids),
			failsTogether: true,
		});
	}

	byId(id: string): Promise<Row | null> {
		return this.#reads.add(id);
	}

	async #byIds(ids: string[]): Promise<Outcome<Row | null>[]> {
		const rows = await this.#db.query<Row>(
			`SELECT ${COLUMNS} FROM ${this.#db.t.users} WHERE id = ANY($1::uuid[])`,
			[ids],
			"users-by-id",
		);
		const byId = new Map(rows.map(row => [row.id, row]));
		return ids.map(id => ({ value: byId.get(id.toLowerCase()) ?? null }));
	}

	/** Ends with the reads that have begun. */
	close(): Promise<void> {
		return this.#reads.close();
	}

	/** The profile as it now is, and whether that is new. Null where there is no such user. */
	async update(id: string, edit: ProfileEdit): Promise<{ row: Row; changed: boolean } | null> {
		const { t } = this.#db;
		return this.#log.change([], async change => {
			const [row] = await change.query<Row>(
				`SELECT ${COLUMNS} FROM ${t.users} WHERE id = $1 FOR UPDATE`,
				[id],
				"lock-user",
			);
			if (!row) return null;
			const profile: Profile | null = withEdit(row, edit);
			if (!profile) return { row, changed: false };
			const { displayName, avatarUrl, metadata } = profile;
			const [updated] = await change.query<Row>(
				`UPDATE ${t.users} SET display_name = $2, avatar_url = $3, metadata = $4, updated_at = $5
				 WHERE id = $1 RETURNING ${COLUMNS}`,
				[id, displayName, avatarUrl, JSON.stringify(metadata), change.now],
				"update-user",
			);
			const after = updated as Row;
			change.tell({ change: "user.updated", chatId: null, actorId: id, data: toUser(after) });
			return { row: after, changed: true };
		});
	}

	/** Users after a username, by username; `search` as in the contract. */
	async list(search: string | undefined, after: string, limit: number): Promise<Row[]> {
		const patterns = searchPatterns(search ?? "");
		const [first = null, second = first] = patterns;
		// Without a name for the statement each search is planned for its own words: short ones by username, long ones
		// by trigrams.
		return this.#db.query<Row>(
			listSql(this.#db.t.users, first !== null),
			first === null ? [after, limit] : [after, limit, first, second],
		);
	}

	async idOfIssuer(issuer: string, subject: string): Promise<string | null> {
		return findOfIssuer(this.#db.query, this.#db.t.users, issuer, subject);
	}

	/**
	 * Makes the user of a foreign issuer, or finds the one whom another call made meanwhile. Of the usernames the first
	 * that nobody has is taken.
	 */
	async makeOfIssuer(
		issuer: string,
		subject: string,
		usernames: readonly string[],
		propose: (username: string) => Proposal,
	): Promise<string> {
		const { t } = this.#db;
		return this.#log.change([], async change => {
			for (const username of usernames) {
				const { displayName, avatarUrl } = propose(username);
				const [row] = await change.query<Row>(
					`INSERT INTO ${t.users} (id, username, display_name, avatar_url, issuer, subject, created_at, updated_at)
					 VALUES ($1, $2, $3, $4, $5, $6, $7, $7) ON CONFLICT DO NOTHING RETURNING ${COLUMNS}`,
					[newId(), username, displayName, avatarUrl, issuer, subject, change.now],
					"insert-foreign-user",
				);
				if (row) {
					change.tell({ change: "user.registered", chatId: null, actorId: row.id, data: toUser(row) });
					return row.id;
				}
				const made = await findOfIssuer(change.query, t.users, issuer, subject);
				if (made) return made;
			}
			throw unavailable();
		});
	}
}

async function findOfIssuer(
	query: Query,
	table: string,
	issuer: string,
	subject: string,
): Promise<string | null> {
	const [row] = await query<{ id: string }>(
		`SELECT id FROM ${table} WHERE issuer = $1 AND subject = $2`,
		[issuer, subject],
		"find-foreign-user",
	);
	return row?.id ?? null;
}
