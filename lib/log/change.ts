/**
 * How every durable change is made. In one transaction: the head rows of its chats are locked in id order, before any
 * other row; `rev` (and `seq`) are taken there; the rows are written; heads and outbox rows come last. After the
 * commit the events leave in one batch. So a chat's revisions are dense, in the order of commits, and no event is
 * told that is not committed, nor committed without its outbox row.
 */
import type { ChangeName, LogEvent } from "../../contracts/changes.ts";
import { topicsOf } from "../../contracts/kafka.ts";
import type { Database, Query } from "../database.ts";
import { notFound } from "../errors.ts";
import { newId } from "../ids.ts";
import type { Tables } from "../tables.ts";
import { keyOf, laneOf, toCloudEvent } from "./cloud-event.ts";

/** A chat's head as it stands inside the transaction: raise it, the commit writes it. */
export interface Head {
	chatId: string;
	lastSeq: number;
	rev: number;
	/** Raised with every change of members or rights, so that caches of them notice. */
	epoch: number;
	memberCount: number;
	/** Null keeps the time of the last activity. */
	lastAt: string | null;
}

type Told =
	Extract<LogEvent, unknown> extends infer E
		? E extends LogEvent
			? Omit<E, "id" | "at" | "epoch" | "rev" | "seq"> & {
					rev?: number | null;
					seq?: number | null;
					at?: string;
				}
			: never
		: never;

/** The unit of work inside the transaction. */
export interface Change {
	query: Query;
	/** When it happens, ISO 8601: one time for all of it. */
	now: string;
	/** The locked head of a chat. @throws NOT_FOUND where there is no such chat */
	head(chatId: string): Head;
	/** Takes the chat's next revision. */
	nextRev(chatId: string): number;
	/** Begins the log of a chat that this transaction makes; nobody else can have locked it. */
	open(chatId: string): Promise<Head>;
	/** Writes the heads as they stand now, so that what the transaction reads from here on shows them. */
	settle(): Promise<void>;
	/** Tells what happened; it leaves after the commit, in the order of telling. */
	tell(event: Told): void;
}

/** Where events go once they are committed. */
export interface Exit {
	publish(events: LogEvent[]): void;
}

interface HeadRow {
	chat_id: string;
	last_seq: number;
	rev: number;
	member_epoch: number;
	member_count: number;
}

export class ChatLog {
	readonly db: Database;
	readonly #exit: Exit;

	constructor(db: Database, exit: Exit) {
		this.db = db;
		this.#exit = exit;
	}

	/**
	 * Runs `work` with the heads of `chatIds` locked, then commits and tells.
	 * @returns what `work` returns
	 * @throws whatever `work` throws, with nothing changed; UNAVAILABLE where the outcome is unknown
	 */
	async change<T>(chatIds: readonly string[], work: (change: Change) => Promise<T>): Promise<T> {
		let told: LogEvent[] = [];
		const result = await this.db.tx(async query => {
			const change = new OpenChange(query, this.db.t, await this.#lock(query, chatIds));
			const done = await work(change);
			told = change.told;
			await this.#write(query, change.takeMoved(), told);
			return done;
		});
		if (told.length > 0) this.#exit.publish(told);
		return result;
	}

	async #lock(query: Query, chatIds: readonly string[]): Promise<Map<string, Head>> {
		const ids = [...new Set(chatIds)];
		if (ids.length === 0) return new Map();
		const rows = await query<HeadRow>(
			`SELECT chat_id, last_seq, rev, member_epoch, member_count FROM ${this.db.t.heads}
			 WHERE chat_id = ANY($1::uuid[]) ORDER BY chat_id FOR UPDATE`,
			[ids],
			"lock-heads",
		);
		return new Map(
			rows.map(row => [
				row.chat_id,
				{
					chatId: row.chat_id,
					lastSeq: row.last_seq,
					rev: row.rev,
					epoch: row.member_epoch,
					memberCount: row.member_count,
					lastAt: null,
				},
			]),
		);
	}

	/** Heads and outbox in one statement. Outbox ids are taken under the heads' locks: in a chat they rise with `rev`. */
	async #write(query: Query, heads: Head[], events: LogEvent[]): Promise<void> {
		if (heads.length === 0 && events.length === 0) return;
		const { t, schema } = this.db;
		const keys = events.map(keyOf);
		await query(
			`WITH moved AS (${moveHeads(t)})
			INSERT INTO ${t.outbox} (lane, topics, key, event_id, event)
			SELECT lane, string_to_array(topics, ','), key, event_id, event
			FROM unnest($7::smallint[], $8::text[], $9::text[], $10::uuid[], $11::text[]) WITH ORDINALITY
				AS e (lane, topics, key, event_id, event, place)
			ORDER BY place`,
			[
				...headColumns(heads),
				keys.map(laneOf),
				events.map(event => topicsOf(event.change).join(",")),
				keys,
				events.map(event => event.id),
				events.map(event => JSON.stringify(toCloudEvent(event, schema))),
			],
			"write-heads-and-outbox",
		);
	}
}

/** Takes `headColumns` as $1 to $6. */
const moveHeads = (
	t: Tables,
) => `UPDATE ${t.heads} h SET last_seq = n.last_seq, rev = n.rev, member_epoch = n.epoch,
		member_count = n.members, last_at = coalesce(n.last_at, h.last_at), tx = pg_current_xact_id()
	FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::int[], $6::timestamptz[])
		AS n (chat_id, last_seq, rev, epoch, members, last_at)
	WHERE h.chat_id = n.chat_id`;

const headColumns = (heads: readonly Head[]) => [
	heads.map(head => head.chatId),
	heads.map(head => head.lastSeq),
	heads.map(head => head.rev),
	heads.map(head => head.epoch),
	heads.map(head => head.memberCount),
	heads.map(head => head.lastAt),
];

class OpenChange implements Change {
	readonly query: Query;
	readonly now = new Date().toISOString();
	readonly told: LogEvent[] = [];
	readonly #t: Tables;
	readonly #heads: Map<string, Head>;
	/** Each head as the table has it. */
	readonly #written: Map<string, string>;

	constructor(query: Query, t: Tables, heads: Map<string, Head>) {
		this.query = query;
		this.#t = t;
		this.#heads = heads;
		this.#written = new Map([...heads].map(([id, head]) => [id, JSON.stringify(head)]));
	}

	head(chatId: string): Head {
		const head = this.#heads.get(chatId);
		if (!head) throw notFound("chat");
		return head;
	}

	nextRev(chatId: string): number {
		return ++this.head(chatId).rev;
	}

	async open(chatId: string): Promise<Head> {
		const head: Head = { chatId, lastSeq: 0, rev: 0, epoch: 0, memberCount: 0, lastAt: null };
		const text = `INSERT INTO ${this.#t.heads} (chat_id, last_at) VALUES ($1, $2)`;
		await this.query(text, [chatId, this.now], "open-head");
		this.#heads.set(chatId, head);
		this.#written.set(chatId, JSON.stringify(head));
		return head;
	}

	async settle(): Promise<void> {
		const heads = this.takeMoved();
		if (heads.length > 0) await this.query(moveHeads(this.#t), headColumns(heads), "settle-heads");
	}

	/** The heads that the table does not have as they stand; whoever takes them writes them. */
	takeMoved(): Head[] {
		const moved = [...this.#heads.values()].filter(
			head => this.#written.get(head.chatId) !== JSON.stringify(head),
		);
		for (const head of moved) this.#written.set(head.chatId, JSON.stringify(head));
		return moved;
	}

	tell(event: Told): void {
		const epoch = event.chatId ? (this.#heads.get(event.chatId)?.epoch ?? 0) : 0;
		this.told.push({ seq: null, rev: null, at: this.now, ...event, id: newId(), epoch } as LogEvent);
	}
}

/** For tests and tools that change the log outside a node. */
export const silentExit: Exit = { publish: () => {} };
export type { ChangeName };
