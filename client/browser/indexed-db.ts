import { deleteDB, type IDBPDatabase, type IDBPTransaction, openDB } from "idb";
import { type Database, type Key, type Storage, TABLES, type Table, type Tx } from "../storage.ts";
import { memoryStorage } from "../storage-memory.ts";

type Mode = "readonly" | "readwrite";
type Transaction = IDBPTransaction<unknown, Table[], Mode>;

const VERSION = 1;
/** Rows that are carried over at a time when the disk is full. */
const COPY_ROWS = 1_000;

/**
 * IndexedDB; where the browser has none for us (a private window, a full disk, a policy), memory, and everything works
 * on until the page is left. A transaction may then be run a second time.
 */
export function indexedDb(): Storage {
	const memory = memoryStorage();
	return {
		async open(name) {
			const stored = new Stored(name, memory);
			await stored.begin();
			return stored;
		},
	};
}

class Stored implements Database {
	readonly #name: string;
	readonly #instead: Storage;
	#db: Promise<IDBPDatabase> | null = null;
	/** What took over. */
	#memory: Promise<Database> | null = null;
	#isOver = false;

	constructor(name: string, instead: Storage) {
		this.#name = name;
		this.#instead = instead;
	}

	/** Opens it, or finds out that it cannot be. */
	async begin(): Promise<void> {
		await this.#open().catch(() => this.#fallBack());
	}

	write<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
		return this.#run("readwrite", work);
	}

	read<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
		return this.#run("readonly", work);
	}

	close(): void {
		this.#isOver = true;
		void this.#db?.then(
			db => db.close(),
			() => {},
		);
		void this.#memory?.then(memory => memory.close());
	}

	async erase(): Promise<void> {
		this.#isOver = true;
		const db = await this.#db?.catch(() => null);
		if (db) await clear(db).catch(() => {});
		await (await this.#memory)?.erase();
		this.close();
		// Other tabs are asked to close theirs; for one that sleeps nobody waits, its tables are empty already.
		await new Promise<void>(resolve => {
			deleteDB(this.#name, { blocked: () => resolve() }).then(resolve, () => resolve());
		}).catch(() => {});
	}

	async #run<T>(mode: Mode, work: (tx: Tx) => Promise<T>): Promise<T> {
		if (this.#isOver) throw new Error("The database is closed.");
		if (this.#memory) return runInMemory(await this.#memory, mode, work);
		try {
			return await this.#transact(mode, work);
		} catch (err) {
			if (this.#isOver || !isFault(err)) throw err;
			// A browser may end a connection by itself; a new one is tried before giving up.
			if (wasCut(err)) this.#db = null;
			const again = wasCut(err) ? this.#transact(mode, work) : Promise.reject(err);
			return again.catch(async last => {
				if (this.#isOver || !isFault(last)) throw last;
				return runInMemory(await this.#fallBack(), mode, work);
			});
		}
	}

	async #transact<T>(mode: Mode, work: (tx: Tx) => Promise<T>): Promise<T> {
		const db = await this.#open();
		const transaction = db.transaction([...TABLES], mode);
		// Told by the work as well; here it must only not be lost.
		const done = transaction.done.catch(err => {
			throw transaction.error ?? err;
		});
		done.catch(() => {});
		let result: T;
		try {
			result = await work(txOn(transaction));
		} catch (err) {
			abort(transaction);
			throw err;
		}
		await done;
		return result;
	}

	async #open(): Promise<IDBPDatabase> {
		this.#db ??= openDB(this.#name, VERSION, {
			upgrade(db) {
				for (const table of TABLES) db.createObjectStore(table);
			},
			// Another tab erases it: this one holds nothing back, and writes nothing anew.
			blocking: () => this.close(),
			terminated: () => {
				this.#db = null;
			},
		});
		return this.#db;
	}

	/** Takes over with all that can still be read. */
	#fallBack(): Promise<Database> {
		this.#memory ??= (async () => {
			const memory = await this.#instead.open(this.#name);
			const db = await this.#db?.catch(() => null);
			if (db) await copy(db, memory).catch(() => {});
			return memory;
		})();
		return this.#memory;
	}
}

const runInMemory = <T>(memory: Database, mode: Mode, work: (tx: Tx) => Promise<T>): Promise<T> =>
	mode === "readwrite" ? memory.write(work) : memory.read(work);

/** Whether the storage is at fault, and not the work that used it. */
const isFault = (err: unknown): boolean =>
	err instanceof DOMException && /^(Quota|Unknown|InvalidState|NotFound|Security|Abort)/.test(err.name);

const wasCut = (err: unknown): boolean => err instanceof DOMException && err.name === "InvalidStateError";

function abort(transaction: Transaction): void {
	try {
		transaction.abort();
	} catch {
		// It has ended already.
	}
}

async function clear(db: IDBPDatabase): Promise<void> {
	const transaction = db.transaction([...TABLES], "readwrite");
	await Promise.all(TABLES.map(table => transaction.objectStore(table).clear()));
	await transaction.done;
}

async function copy(db: IDBPDatabase, to: Database): Promise<void> {
	for (const table of TABLES) {
		for (let after: IDBKeyRange | undefined; ; ) {
			const [keys, values] = await Promise.all([
				db.getAllKeys(table, after, COPY_ROWS),
				db.getAll(table, after, COPY_ROWS),
			]);
			await to.write(async tx => {
				for (const [index, key] of keys.entries()) await tx.put(table, key as Key, values[index]);
			});
			if (keys.length < COPY_ROWS) break;
			after = IDBKeyRange.lowerBound(keys.at(-1), true);
		}
	}
}

function txOn(transaction: Transaction): Tx {
	const store = (table: Table) => transaction.objectStore(table);
	const writable = (table: Table) =>
		store(table) as ReturnType<IDBPTransaction<unknown, Table[], "readwrite">["objectStore"]>;
	return {
		get: (table, key) => store(table).get(key),
		async put(table, key, value) {
			await writable(table).put(value, key);
		},
		async delete(table, key) {
			await writable(table).delete(key);
		},
		async range<T>(table: Table, from: Key, to: Key, limit: number, reverse = false) {
			if (limit <= 0 || indexedDB.cmp(from, to) > 0) return [];
			const range = IDBKeyRange.bound(from, to);
			if (!reverse) return (await store(table).getAll(range, limit)) as T[];
			const found: T[] = [];
			let cursor = await store(table).openCursor(range, "prev");
			while (cursor) {
				found.push(cursor.value as T);
				cursor = found.length < limit ? await cursor.continue() : null;
			}
			return found;
		},
		async deleteRange(table, from, to) {
			if (indexedDB.cmp(from, to) <= 0) await writable(table).delete(IDBKeyRange.bound(from, to));
		},
	};
}
