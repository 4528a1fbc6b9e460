/** One transaction on one connection: what needs no answer is sent with what follows, in one write and one wait. */
import type pg from "pg";

/** Runs SQL on one connection. `name` makes it a prepared statement, kept by a connection that has a session to itself. */
export type Query = <Row>(text: string, values?: readonly unknown[], name?: string) => Promise<Row[]>;

/**
 * Sends a statement whose rows nobody waits for; who wants them has them before the commit is answered. Where it
 * fails, so does everything after it, and the transaction throws what it threw.
 */
export type Post = <Row>(
	text: string,
	values?: readonly unknown[],
	name?: string,
	onRows?: (rows: Row[]) => void,
) => void;

interface Corked {
	cork(): void;
	uncork(): void;
}

export class Transaction {
	readonly #client: pg.Client;
	readonly #run: Query;
	/** What the next statement waits for, where the connection takes one at a time. */
	#last: Promise<unknown> = Promise.resolve();
	#first: { err: unknown } | null = null;
	#failure: { err: unknown } | null = null;
	#isCorked = false;

	/** @param run runs one statement on `client` */
	constructor(client: pg.Client, run: Query) {
		this.#client = client;
		this.#run = run;
	}

	readonly query: Query = (text, values, name) => this.#send(() => this.#run(text, values, name));

	readonly post: Post = <Row>(
		text: string,
		values?: readonly unknown[],
		name?: string,
		onRows?: (rows: Row[]) => void,
	) => {
		this.query<Row>(text, values, name).then(onRows, err => {
			if (err === this.#first?.err) this.#failure = this.#first;
		});
	};

	/** What a posted statement threw, where it was the first to fail: all after it was in vain. Known once all has ended. */
	get failure(): { err: unknown } | null {
		return this.#failure;
	}

	async commit(): Promise<void> {
		const { command } = await this.#send(() => this.#client.query("COMMIT"));
		// PostgreSQL answers COMMIT with ROLLBACK where a statement had failed, whoever caught that.
		if (command !== "COMMIT")
			throw new Error("The transaction was rolled back: a failed statement was ignored.");
	}

	/** Ends where nothing was written: whatever comes of it, nobody need wait, unless the connection takes one at a time. */
	async leave(): Promise<void> {
		this.post("COMMIT");
		await this.idle();
	}

	/** Until whoever has the connection next comes after what was sent, as they do by themselves in a pipeline. */
	async idle(): Promise<void> {
		if (!this.#client.pipeline) await this.#last;
	}

	async rollBack(): Promise<void> {
		await this.#send(() => this.#client.query("ROLLBACK"));
	}

	async #send<T>(run: () => Promise<T>): Promise<T> {
		this.#cork();
		const sent = this.#client.pipeline ? run() : this.#last.then(run);
		this.#last = sent.catch(() => {});
		try {
			return await sent;
		} catch (err) {
			this.#first ??= { err };
			throw err;
		}
	}

	/** What is sent until the next tick leaves in one write. */
	#cork(): void {
		if (this.#isCorked || !this.#client.pipeline) return;
		const { stream } = (this.#client as unknown as { connection: { stream: Corked } }).connection;
		this.#isCorked = true;
		stream.cork();
		process.nextTick(() => {
			this.#isCorked = false;
			stream.uncork();
		});
	}
}
