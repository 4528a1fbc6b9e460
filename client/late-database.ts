import { ParleyError } from "./errors.ts";
import type { Database, Tx } from "./storage.ts";

/** A user's database, before it is known whose: what is asked of it waits. After its end nothing is written any more. */
export class LateDatabase implements Database {
	#database: Database | null = null;
	#isEnded = false;
	#opened: () => void = () => {};
	readonly #whenOpened = new Promise<void>(resolve => {
		this.#opened = resolve;
	});

	open(database: Database): void {
		this.#database = database;
		this.#opened();
	}

	read<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
		return this.#use(database => database.read(work));
	}

	write<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
		return this.#use(database => database.write(work));
	}

	close(): void {
		this.#isEnded = true;
		this.#opened();
		this.#database?.close();
	}

	async erase(): Promise<void> {
		this.#isEnded = true;
		this.#opened();
		await this.#database?.erase();
	}

	async #use<T>(work: (database: Database) => Promise<T>): Promise<T> {
		if (!this.#database) await this.#whenOpened;
		if (!this.#database || this.#isEnded) throw new ParleyError("UNAUTHENTICATED", "Nobody is signed in.");
		return work(this.#database);
	}
}
