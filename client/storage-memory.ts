import { type Database, type Key, type Storage, TABLES, type Table, type Tx } from "./storage.ts";

type Row = readonly [key: Key, value: unknown];

interface Data {
	tables: Record<Table, Row[]>;
	/** Transactions run one at a time: each waits for this. */
	last: Promise<unknown>;
	isErased: boolean;
}

/** Keeps everything until the page or process ends. A value is kept as it is given, and must not be changed afterwards. */
export function memoryStorage(): Storage {
	const databases = new Map<string, Data>();
	return {
		async open(name) {
			const data = databases.get(name) ?? newData();
			databases.set(name, data);
			return databaseOf(data, () => {
				if (databases.get(name) === data) databases.delete(name);
			});
		},
	};
}

const newData = (): Data => ({
	tables: { chats: [], messages: [], outbox: [], kv: [] },
	last: Promise.resolve(),
	isErased: false,
});

function databaseOf(data: Data, forget: () => void): Database {
	let isClosed = false;
	const run = <T>(work: (tx: Tx) => Promise<T>): Promise<T> => {
		if (isClosed || data.isErased) return Promise.reject(new Error("The database is closed."));
		const done = data.last.then(() => transact(data, work));
		data.last = done.catch(() => {});
		return done;
	};
	return {
		write: run,
		read: run,
		close() {
			isClosed = true;
		},
		async erase() {
			isClosed = data.isErased = true;
			forget();
			await data.last;
		},
	};
}

/** Works on the tables themselves, and puts back what they were when the work fails. */
async function transact<T>(data: Data, work: (tx: Tx) => Promise<T>): Promise<T> {
	const before = new Map<Table, Row[]>();
	const rowsOf = (table: Table) => data.tables[table];
	/** A table is copied before its first change in a transaction. */
	const edit = (table: Table): Row[] => {
		if (!before.has(table)) {
			before.set(table, rowsOf(table));
			data.tables[table] = [...rowsOf(table)];
		}
		return rowsOf(table);
	};
	try {
		return await work(txOn(rowsOf, edit));
	} catch (err) {
		for (const table of TABLES) data.tables[table] = before.get(table) ?? data.tables[table];
		throw err;
	}
}

function txOn(rowsOf: (table: Table) => Row[], edit: (table: Table) => Row[]): Tx {
	const has = (rows: Row[], index: number, key: Key) => {
		const row = rows[index];
		return row !== undefined && compare(row[0], key) === 0;
	};
	return {
		async get<T>(table: Table, key: Key) {
			const rows = rowsOf(table);
			const index = place(rows, key);
			return has(rows, index, key) ? (rows[index]?.[1] as T) : undefined;
		},
		async put(table, key, value) {
			const rows = edit(table);
			const index = place(rows, key);
			rows.splice(index, has(rows, index, key) ? 1 : 0, [key, value]);
		},
		async delete(table, key) {
			const index = place(rowsOf(table), key);
			if (has(rowsOf(table), index, key)) edit(table).splice(index, 1);
		},
		async range<T>(table: Table, from: Key, to: Key, limit: number, reverse = false) {
			const rows = rowsOf(table);
			const [begin, end] = [place(rows, from), place(rows, to, true)];
			const found = reverse
				? rows.slice(Math.max(begin, end - limit), end).reverse()
				: rows.slice(begin, Math.min(end, begin + limit));
			return found.map(([, value]) => value as T);
		},
		async deleteRange(table, from, to) {
			const [begin, end] = [place(rowsOf(table), from), place(rowsOf(table), to, true)];
			if (end > begin) edit(table).splice(begin, end - begin);
		},
	};
}

/** Where the first row at or after `key` stands, or, with `after`, the first one after it. */
function place(rows: Row[], key: Key, after = false): number {
	let [low, high] = [0, rows.length];
	while (low < high) {
		const middle = (low + high) >>> 1;
		const order = compare((rows[middle] as Row)[0], key);
		if (order < 0 || (after && order === 0)) low = middle + 1;
		else high = middle;
	}
	return low;
}

/** IndexedDB's order: numbers, then texts by UTF-16 units, then lists by their items. */
function compare(a: Key, b: Key): number {
	if (Array.isArray(a) && Array.isArray(b)) return compare(a[0], b[0]) || a[1] - b[1];
	if (typeof a === typeof b) return a < b ? -1 : a > b ? 1 : 0;
	return rank(a) - rank(b);
}

const rank = (key: Key): number => (typeof key === "number" ? 0 : typeof key === "string" ? 1 : 2);
