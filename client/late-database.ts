import { ParleyError } from "./errors.ts";
import type { Database, Tx } from "./storage.ts";
import { promised } from "./waits.ts";

/** A user's database, before it is known whose: what is asked of it waits. After its end nothing is written any more. */
export class LateDatabase implements Database {
	/** Null where it ended before. */
	readonly #opened = promised<Database | null>();
	#isEnded = false;

	open(database: Database): void {
		this.#opened.resolve(database);
	}

	read<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
		return this.#use(database => database.read(work));
	}

	write<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
		return this.#use(database => database.write(work));
	}

	close(): void {
		void this.#end().then(database => database?.close());
	}

	async erase(): Promise<void> {
		await (await this.#end())?.erase();
	}

	#end(): Promise<Database | null> {
		this.#isEnded = true;
		this.#opened.resolve(null);
		return this.#opened.promise;
	}

	async #use<T>(work: (database: Database) => Promise<T>): Promise<T> {
		const database = await this.#opened.promise;
		if (!database || this.#isEnded) throw new ParleyError("UNAUTHENTICATED", "Nobody is signed in.");
		return work(database);
	}
}
