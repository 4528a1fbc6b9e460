/** Where the log and the outbox are kept: a small transactional key–value port. Memory and IndexedDB are its forms. */

/** `chats` by chatId; `messages` by `[chatId, seq]`; `outbox` by a number that grows; `kv` by name. */
export const TABLES = ["chats", "messages", "outbox", "kv"] as const;
export type Table = (typeof TABLES)[number];
export type Key = string | number | [string, number];

/** Within one transaction. A form may end the transaction when anything but these is awaited in it. */
export interface Tx {
	get<T>(table: Table, key: Key): Promise<T | undefined>;
	put(table: Table, key: Key, value: unknown): Promise<void>;
	delete(table: Table, key: Key): Promise<void>;
	/** Ordered by key, both ends included, at most `limit`; `reverse` begins at the end. */
	range<T>(table: Table, from: Key, to: Key, limit: number, reverse?: boolean): Promise<T[]>;
	deleteRange(table: Table, from: Key, to: Key): Promise<void>;
}

export interface Database {
	/** All of `work`, or nothing of it. Transactions that write run one after another, in all tabs. */
	write<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
	read<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
	close(): void;
	/** Ends it and takes all of it away. */
	erase(): Promise<void>;
}

export interface Storage {
	/** One database for each name; a client's is made of its server and user. */
	open(name: string): Promise<Database>;
}
