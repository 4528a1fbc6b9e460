import { Op } from "sequelize";
import { catalogued, type Database, sqlState } from "../../lib/database.ts";
import { conflict } from "../../lib/errors.ts";
import type { ChatLog } from "../../lib/log/change.ts";
import { toUser, type UserModel, type UserRow, userModel } from "../../models/user.ts";
import { insertSession, type NewSession } from "./sessions.store.ts";

/** What a registration writes; names are canonical. */
export interface NewAccount {
	id: string;
	username: string;
	email: string;
	displayName: string;
	passwordHash: string;
}

const UNIQUE_VIOLATION = "23505";
/** One answer for all: which e-mails have an account is nobody's business, nor which names are kept. */
const taken = () => conflict("The username or the e-mail is taken.");

/** Accounts as far as signing in goes. */
export class AccountStore {
	readonly #log: ChatLog;
	readonly #db: Database;
	readonly #users: UserModel;
	readonly #kept: readonly string[];

	/** @param kept usernames that nobody may register */
	constructor(log: ChatLog, kept: readonly string[]) {
		this.#kept = kept;
		this.#log = log;
		this.#db = log.db;
		this.#users = userModel(log.db.sequelize, log.db.schema);
	}

	/** By username or e-mail, canonical: no username has an `@`, and every e-mail has. */
	async byLogin(login: string): Promise<UserRow | null> {
		const key = login.includes("@") ? "email" : "username";
		const row = await catalogued(this.#users.findOne({ where: { [key]: { [Op.eq]: login } } }));
		return row?.get({ plain: true }) ?? null;
	}

	async byId(id: string): Promise<UserRow | null> {
		const row = await catalogued(this.#users.findByPk(id));
		return row?.get({ plain: true }) ?? null;
	}

	/** Those of the kept usernames that no account has. */
	async missing(): Promise<string[]> {
		if (this.#kept.length === 0) return [];
		const rows = await this.#db.query<{ username: string }>(
			`SELECT username FROM ${this.#db.t.users} WHERE username = ANY($1::text[])`,
			[this.#kept],
		);
		const there = new Set(rows.map(({ username }) => username));
		return this.#kept.filter(username => !there.has(username));
	}

	/**
	 * The account, its first session and its event, all or nothing.
	 * @throws CONFLICT where the username or the e-mail is taken, or the username is kept
	 */
	async register(account: NewAccount, session: Omit<NewSession, "passwordHash">): Promise<UserRow> {
		const { id, username, email, displayName, passwordHash } = account;
		try {
			await this.#log.change([], async change => {
				await change.query(
					`INSERT INTO ${this.#db.t.users} (id, username, email, display_name, password_hash, created_at, updated_at)
					 VALUES ($1, $2, $3, $4, $5, $6, $6)`,
					[id, username, email, displayName, passwordHash, session.at],
					"insert-user",
				);
				// Here, so that it takes the time that a name takes which is taken.
				if (this.#kept.includes(username)) throw taken();
				await insertSession(change.query, this.#db.t, { ...session, passwordHash });
				const data = toUser(rowOf(account, session.at));
				change.tell({ change: "user.registered", chatId: null, actorId: id, data });
			});
		} catch (err) {
			if (sqlState(err) === UNIQUE_VIOLATION) throw taken();
			throw err;
		}
		return rowOf(account, session.at);
	}

	/** Replaces a hash that is still the one that was verified; false where it is not. */
	async replaceHash(userId: string, was: string, is: string): Promise<boolean> {
		const rows = await this.#db.query(
			`UPDATE ${this.#db.t.users} SET password_hash = $3 WHERE id = $1 AND password_hash = $2 RETURNING id`,
			[userId, was, is],
			"replace-hash",
		);
		return rows.length > 0;
	}
}

const rowOf = (account: NewAccount, at: Date): UserRow => ({
	...account,
	avatarUrl: null,
	metadata: {},
	issuer: null,
	subject: null,
	createdAt: at,
	updatedAt: at,
});
