/**
 * Heads as this process last left them. A hint, never a right: a transaction that goes by it has PostgreSQL compare it
 * under the heads' locks, and fails where another has been there since. So the locks' answer need not be waited for.
 */
import { BoundedMap } from "../bounded-map.ts";
import { sqlState } from "../database.ts";
import type { Tables } from "../tables.ts";
import type { Post } from "../transaction.ts";
import { type Head, headColumns } from "./head.ts";

interface Entry {
	head: Head;
	/** Nobody else had changed it between two of our changes: chats that several nodes write to are not worth a try. */
	isOurs: boolean;
}

const HEADS_MAX = 50_000;
/** What comparing throws: one divided by zero. Nothing else that a change runs divides. */
const MISMATCH = "22012";

export class KnownHeads {
	readonly #entries = new BoundedMap<string, Entry>(HEADS_MAX);

	/** The heads of all of these, where each is known and ours; else null. */
	of(chatIds: ReadonlySet<string>): Map<string, Head> | null {
		const heads = new Map<string, Head>();
		for (const chatId of chatIds) {
			const entry = this.#entries.get(chatId);
			if (!entry?.isOurs) return null;
			heads.set(chatId, { ...entry.head, lastAt: null });
		}
		return heads;
	}

	/** Locks the rows in order of their ids and compares them, without waiting: what differs fails the transaction. */
	compare(post: Post, t: Tables, heads: Iterable<Head>): void {
		const all = [...heads];
		post(
			`WITH locked AS MATERIALIZED (
				SELECT chat_id, last_seq, rev, member_epoch, member_count FROM ${t.heads}
				WHERE chat_id = ANY($1::uuid[]) ORDER BY chat_id FOR UPDATE
			)
			SELECT 1 / (count(*) = $6)::int
			FROM locked l JOIN unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::int[])
				AS k (chat_id, last_seq, rev, epoch, members)
				ON k.chat_id = l.chat_id AND k.last_seq = l.last_seq AND k.rev = l.rev AND k.epoch = l.member_epoch
					AND k.members = l.member_count`,
			[...headColumns(all), all.length],
			"compare-heads",
		);
	}

	/** Says how the locked rows were found, and whether that was as we had left them. */
	found(heads: Iterable<Head>): void {
		for (const { chatId, rev, epoch } of heads) {
			const entry = this.#entries.get(chatId);
			if (entry) entry.isOurs = entry.head.rev === rev && entry.head.epoch === epoch;
		}
	}

	/** Says how a committed change left them. */
	left(heads: Iterable<Head>): void {
		for (const head of heads) {
			const isOurs = this.#entries.get(head.chatId)?.isOurs ?? false;
			this.#entries.set(head.chatId, { head: { ...head }, isOurs });
		}
	}

	forget(chatIds: Iterable<string>): void {
		for (const chatId of chatIds) this.#entries.delete(chatId);
	}
}

/** Whether a comparison found something else. */
export const isMismatch = (err: unknown): boolean => sqlState(err) === MISMATCH;
