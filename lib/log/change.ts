/**
 * How every durable change is made. In one transaction: the head rows of its chats are locked in id order, before any
 * other row; `rev` (and `seq`) are taken there; the rows are written; heads and outbox rows come last. After the
 * commit the events leave in one batch. So a chat's revisions are dense, in the order of commits, and no event is
 * told that is not committed, nor committed without its outbox row.
 */
import type { ChangeName, LogEvent } from "../../contracts/changes.ts";
import type { OutboxPlaces } from "../../contracts/events.ts";
import { topicsOf } from "../../contracts/kafka.ts";
import { byIds } from "../by-ids.ts";
import type { Database, Post, Query } from "../database.ts";
import { notFound } from "../errors.ts";
import { newId } from "../ids.ts";
import { smallints, texts, uuids } from "../sql-arrays.ts";
import type { Tables } from "../tables.ts";
import { cloudEventText, FORMAT, keyOf, laneOf } from "./cloud-event.ts";
import { type Head, headColumns } from "./head.ts";
import { isMismatch, KnownHeads } from "./known-heads.ts";

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
	/** For what is only written: it leaves with the commit. */
	post: Post;
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
	publish(events: LogEvent[], outbox: OutboxPlaces): void;
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
	readonly #known = new KnownHeads();

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
		const ids = new Set(chatIds);
		const known = ids.size > 0 ? this.#known.of(ids) : null;
		if (!known) return this.#attempt(work, query => this.#lock(query, [...ids]));
		try {
			return await this.#attempt(work, async (_query, post) => {
				this.#known.compare(post, this.db.t, known.values());
				return known;
			});
		} catch (err) {
			this.#known.forget(ids);
			if (!isMismatch(err)) throw err;
			return this.#attempt(work, query => this.#lock(query, [...ids]));
		}
	}

	async #attempt<T>(
		work: (change: Change) => Promise<T>,
		lock: (query: Query, post: Post) => Promise<Map<string, Head>>,
	): Promise<T> {
		let told: LogEvent[] = [];
		let heads: Iterable<Head> = [];
		let outbox: OutboxPlaces = { format: FORMAT, ids: [], revs: {} };
		const result = await this.db.tx(
			async (query, post) => {
				const change = new OpenChange({ query, post }, this.db.t, await lock(query, post));
				const done = await work(change);
				told = change.told;
				heads = change.heads;
				outbox = { format: FORMAT, ids: [], revs: change.raised() };
				this.#write(post, change.takeMoved(), told, outbox);
				return done;
			},
			{ keepsPlans: true },
		);
		this.#known.left(heads);
		if (told.length > 0) this.#exit.publish(told, outbox);
		return result;
	}

	async #lock(query: Query, ids: readonly string[]): Promise<Map<string, Head>> {
		if (ids.length === 0) return new Map();
		const rows = await query<HeadRow>(
			`SELECT chat_id, last_seq, rev, member_epoch, member_count FROM ${this.db.t.heads}
			 WHERE chat_id = ANY($1::uuid[]) ORDER BY chat_id FOR UPDATE`,
			[ids],
			"lock-heads",
		);
		const heads = rows.map(row => ({
			chatId: row.chat_id,
			lastSeq: row.last_seq,
			rev: row.rev,
			epoch: row.member_epoch,
			memberCount: row.member_count,
			lastAt: null,
		}));
		this.#known.found(heads);
		return new Map(heads.map(head => [head.chatId, head]));
	}

	/** Heads and outbox in one statement. Outbox ids are taken under the heads' locks: in a chat they rise with `rev`. */
	#write(post: Post, heads: Head[], events: LogEvent[], outbox: OutboxPlaces): void {
		if (heads.length === 0 && events.length === 0) return;
		const { t, schema } = this.db;
		const keys = events.map(keyOf);
		post<{ ids: string | null }>(
			`WITH moved AS (${moveHeads(t)}), written AS (
				INSERT INTO ${t.outbox} (lane, topics, key, event_id, event)
				SELECT lane, string_to_array(topics, ','), key, event_id, event
				FROM unnest($7::smallint[], $8::text[], $9::text[], $10::uuid[], $11::text[]) WITH ORDINALITY
					AS e (lane, topics, key, event_id, event, place)
				ORDER BY place RETURNING id
			)
			SELECT string_agg(id::text, ',' ORDER BY id) AS ids FROM written`,
			[
				...movedColumns(heads),
				smallints(keys.map(laneOf)),
				texts(events.map(event => topicsOf(event.change).join(","))),
				texts(keys),
				uuids(events.map(event => event.id)),
				texts(events.map(event => cloudEventText(event, schema))),
			],
			"write-heads-and-outbox",
			([row]) => {
				outbox.ids = row?.ids?.split(",").map(Number) ?? [];
			},
		);
	}
}

const movedColumns = (heads: readonly Head[]) => [...headColumns(heads), heads.map(head => head.lastAt)];

/** Takes `movedColumns` as $1 to $6. */
const moveHeads = (
	t: Tables,
) => `UPDATE ${t.heads} h SET last_seq = n.last_seq, rev = n.rev, member_epoch = n.epoch,
		member_count = n.members, last_at = coalesce(n.last_at, h.last_at), tx = pg_current_xact_id()
	FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::int[], $6::timestamptz[])
		AS n (chat_id, last_seq, rev, epoch, members, last_at)
	WHERE h.chat_id = n.chat_id`;

class OpenChange implements Change {
	readonly query: Query;
	readonly post: Post;
	readonly now = new Date().toISOString();
	readonly told: LogEvent[] = [];
	readonly #t: Tables;
	readonly #heads: Map<string, Head>;
	/** Each head as the table has it. */
	readonly #written: Map<string, string>;
	/** The revision with which each head was found. */
	readonly #found: Map<string, number>;

	constructor({ query, post }: { query: Query; post: Post }, t: Tables, heads: Map<string, Head>) {
		this.query = query;
		this.post = post;
		this.#t = t;
		this.#heads = heads;
		this.#written = new Map([...heads].map(([id, head]) => [id, JSON.stringify(head)]));
		this.#found = new Map([...heads].map(([id, head]) => [id, head.rev]));
	}

	get heads(): Iterable<Head> {
		return this.#heads.values();
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
		if (heads.length > 0) await this.query(moveHeads(this.#t), movedColumns(heads), "settle-heads");
	}

	/** The heads that the table does not have as they stand; whoever takes them writes them. */
	takeMoved(): Head[] {
		const moved = [...this.#heads.values()].filter(
			head => this.#written.get(head.chatId) !== JSON.stringify(head),
		);
		for (const head of moved) this.#written.set(head.chatId, JSON.stringify(head));
		return moved;
	}

	/** The chats whose revision was raised: from what, to what. */
	raised(): OutboxPlaces["revs"] {
		const all = [...this.#heads.values()].map(({ chatId, rev }): [string, [number, number]] => [
			chatId,
			[this.#found.get(chatId) ?? 0, rev],
		]);
		return byIds(all.filter(([, [before, after]]) => after > before));
	}

	tell(event: Told): void {
		const epoch = event.chatId ? (this.#heads.get(event.chatId)?.epoch ?? 0) : 0;
		this.told.push({ seq: null, rev: null, at: this.now, ...event, id: newId(), epoch } as LogEvent);
	}
}

/** For tests and tools that change the log outside a node. */
export const silentExit: Exit = { publish: () => {} };
export type { ChangeName };
