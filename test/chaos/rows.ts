/** What PostgreSQL has of some chats, past every proxy, as the checks compare it. */
import pg from "pg";
import { type Tables, tablesOf } from "../../lib/tables.ts";

export interface MessageRow {
	chatId: string;
	id: string;
	seq: number;
	rev: number;
	senderId: string;
	clientId: string;
	content: string | null;
	mentions: string[];
	isDeleted: boolean;
	/** `emoji userId` of each, sorted. */
	reactions: string[];
}

export interface MemberRow {
	chatId: string;
	userId: string;
	readSeq: number;
	deliveredSeq: number;
	joinedSeq: number;
	hasLeft: boolean;
}

export interface HeadRow {
	chatId: string;
	lastSeq: number;
	rev: number;
}

/** An event that some transaction has written into the outbox, and committed. */
export interface CommittedEvent {
	id: string;
	key: string;
	/** On Kafka, without the installation's name. */
	topics: string[];
}

export interface Rows {
	messages: MessageRow[];
	members: MemberRow[];
	heads: HeadRow[];
	/** Messages of the whole installation. */
	stored: number;
	/** Of the whole installation. */
	committed: CommittedEvent[];
	/** Of each dead letter of the installation, who could not take it and why. */
	deadLetters: string[];
}

/** Every table of ours is here, so that no migration of the product sees it. */
export const KEPT = "chaos";

/** One is too many. */
const LETTERS_MAX = 100;

/** Keeps the id of each event that is committed: the outbox forgets what it has published. */
export async function keepCommitted(url: string, namespace: string): Promise<void> {
	const { outbox } = tablesOf(namespace);
	await asking(url, db =>
		db.query(
			`CREATE SCHEMA IF NOT EXISTS ${KEPT};
			 CREATE TABLE ${KEPT}.${namespace} (id uuid NOT NULL, key text NOT NULL, topics text[] NOT NULL);
			 CREATE FUNCTION ${KEPT}.keep_${namespace}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
				INSERT INTO ${KEPT}.${namespace} VALUES (NEW.event_id, NEW.key, NEW.topics); RETURN NULL;
			 END $$;
			 CREATE TRIGGER chaos_keep AFTER INSERT ON ${outbox} FOR EACH ROW EXECUTE FUNCTION ${KEPT}.keep_${namespace}();
			 INSERT INTO ${KEPT}.${namespace} SELECT event_id, key, topics FROM ${outbox}`,
		),
	);
}

/** How many events wait to be published. */
export function waitingEvents(url: string, namespace: string): Promise<number> {
	return asking(url, async db => {
		const { rows } = await db.query(`SELECT count(*)::int AS n FROM ${tablesOf(namespace).outbox}`);
		return rows[0].n;
	});
}

export function readHeads(url: string, namespace: string, chatIds: readonly string[]): Promise<HeadRow[]> {
	return asking(url, db => headsOf(db, tablesOf(namespace), chatIds));
}

/** All of it in one snapshot. */
export function readRows(url: string, namespace: string, chatIds: readonly string[]): Promise<Rows> {
	const t = tablesOf(namespace);
	return asking(url, async db => {
		await db.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
		const { rows: messages } = await db.query(
			`SELECT m.chat_id AS "chatId", m.id, m.seq::int, m.rev::int, m.sender_id AS "senderId", m.client_id AS "clientId",
				m.content, m.mentions, m.deleted_at IS NOT NULL AS "isDeleted",
				ARRAY(SELECT r.emoji || ' ' || r.user_id FROM ${t.reactions} r
					WHERE r.chat_id = m.chat_id AND r.seq = m.seq ORDER BY 1) AS reactions
			 FROM ${t.messages} m WHERE m.chat_id = ANY($1) ORDER BY m.chat_id, m.seq`,
			[chatIds],
		);
		const { rows: members } = await db.query(
			`SELECT chat_id AS "chatId", user_id AS "userId", read_seq::int AS "readSeq", delivered_seq::int AS "deliveredSeq",
				joined_seq::int AS "joinedSeq", left_at IS NOT NULL AS "hasLeft"
			 FROM ${t.members} WHERE chat_id = ANY($1)`,
			[chatIds],
		);
		const heads = await headsOf(db, t, chatIds);
		const { rows: counts } = await db.query(`SELECT count(*)::int AS stored FROM ${t.messages}`);
		const { rows: committed } = await db.query(`SELECT id, key, topics FROM ${KEPT}.${namespace}`);
		const { rows: letters } = await db.query(
			`SELECT consumer || ': ' || reason AS letter FROM ${t.deadLetters} ORDER BY at LIMIT ${LETTERS_MAX}`,
		);
		const deadLetters = letters.map(({ letter }) => letter as string);
		return { messages, members, heads, stored: counts[0].stored, committed, deadLetters };
	});
}

async function headsOf(db: pg.Client, t: Tables, chatIds: readonly string[]): Promise<HeadRow[]> {
	const { rows } = await db.query(
		`SELECT chat_id AS "chatId", last_seq::int AS "lastSeq", rev::int FROM ${t.heads} WHERE chat_id = ANY($1)`,
		[chatIds],
	);
	return rows;
}

export async function asking<T>(url: string, ask: (db: pg.Client) => Promise<T>): Promise<T> {
	const db = new pg.Client({ connectionString: url });
	db.on("error", () => {}); // the question that is under way tells of it
	await db.connect();
	try {
		return await ask(db);
	} finally {
		await db.end().catch(() => {});
	}
}
