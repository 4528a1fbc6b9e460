import type { Database, Key, Storage, Table, Tx } from "./storage.ts";
import { entryOf } from "./tables.ts";
import { inTurn, type Turns } from "./waits.ts";

type Row = readonly [key: Key, value: unknown];

type Tables = Record<Table, Row[]>;

interface Data {
	tables: Tables;
	/** Transactions run one at a time. */
	turns: Turns;
	isErased: boolean;
}

/** Keeps everything until the page or process ends. A value is kept as it is given, and must not be changed afterwards. */
export function memoryStorage(): Storage {
	const databases = new Map<string, Data>();
	return {
		async open(name) {
			const data = entryOf(databases, name, newData);
			return databaseOf(data, () => {
				if (databases.get(name) === data) databases.delete(name);
			});
		},
	};
}

const newData = (): Data => ({
	tables: { chats: [], messages: [], outbox: [], kv: [] },
	turns: inTurn(),
	isErased: false,
});

function databaseOf(data: Data, forget: () => void): Database {
	let isClosed = false;
	const run = async <T>(work: (tx: Tx) => Promise<T>): Promise<T> => {
		if (isClosed || data.isErased) throw new Error("The database is closed.");
		return data.turns(() => transact(data, work));
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
			await data.turns(async () => {});
		},
	};
}

/** Works on copies, which take the tables' place when the work is done. */
async function transact<T>(data: Data, work: (tx: Tx) => Promise<T>): Promise<T> {
	const tables = { ...data.tables };
	/** A table is copied before its first change. */
	const edit = (table: Table): Row[] => {
		if (tables[table] === data.tables[table]) tables[table] = [...tables[table]];
		return tables[table];
	};
	const result = await work(txOn(tables, edit));
	data.tables = tables;
	return result;
}

function txOn(tables: Tables, edit: (table: Table) => Row[]): Tx {
	/** The row of a key, or none. */
	const held = (rows: Row[], key: Key): Row[] => rows.slice(place(rows, key), place(rows, key, true));
	return {
		async get<T>(table: Table, key: Key) {
			return held(tables[table], key)[0]?.[1] as T | undefined;
		},
		async put(table, key, value) {
			const rows = edit(table);
			rows.splice(place(rows, key), held(rows, key).length, [key, value]);
		},
		async delete(table, key) {
			await this.deleteRange(table, key, key);
		},
		async range<T>(table: Table, from: Key, to: Key, limit: number, reverse = false) {
			const rows = tables[table].slice(place(tables[table], from), place(tables[table], to, true));
			return (reverse ? rows.reverse() : rows).slice(0, limit).map(([, value]) => value as T);
		},
		async deleteRange(table, from, to) {
			const [begin, end] = [place(tables[table], from), place(tables[table], to, true)];
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
