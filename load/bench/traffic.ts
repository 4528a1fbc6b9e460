/** What a server does beside computing: calls to the system, bytes, commits, records. */
import { readFileSync } from "node:fs";
import kafkajs, { type Admin } from "kafkajs";
import type { Client } from "pg";

/** Since it was asked last. */
export interface Traffic {
	/** Of all files and sockets of the server's processes: clients', PostgreSQL's, Kafka's, Redis's. */
	reads: number;
	writes: number;
	bytesRead: number;
	bytesWritten: number;
	/** Of an installation of Parley, and null of others. */
	commits: number | null;
	walBytes: number | null;
	records: number | null;
}

export class TrafficMeter {
	readonly #pids: readonly number[];
	readonly #db: Client;
	readonly #namespace: string | undefined;
	readonly #admin: Admin;
	#before: Traffic | null = null;

	/** @param namespace of an installation of Parley */
	constructor(pids: readonly number[], db: Client, brokers: string, namespace: string | undefined) {
		this.#pids = pids;
		this.#db = db;
		this.#namespace = namespace;
		const kafka = new kafkajs.Kafka({
			clientId: "bench",
			brokers: brokers.split(","),
			logLevel: kafkajs.logLevel.NOTHING,
		});
		this.#admin = kafka.admin();
	}

	async start(): Promise<void> {
		if (this.#namespace) await this.#admin.connect();
	}

	async stop(): Promise<void> {
		if (this.#namespace) await this.#admin.disconnect();
	}

	async read(): Promise<Traffic> {
		const now = { ...this.#io(), ...(await this.#stored()) };
		const before = this.#before ?? now;
		this.#before = now;
		const since = Object.entries(now).map(([what, count]) => [
			what,
			count === null ? null : count - (before[what as keyof Traffic] ?? 0),
		]);
		return Object.fromEntries(since) as Traffic;
	}

	#io() {
		const of = (field: string) =>
			this.#pids.reduce((sum, pid) => {
				const [, count = "0"] = readFileSync(`/proc/${pid}/io`, "utf8").match(`${field}: (\\d+)`) ?? [];
				return sum + Number(count);
			}, 0);
		return { reads: of("syscr"), writes: of("syscw"), bytesRead: of("rchar"), bytesWritten: of("wchar") };
	}

	/** Commits are counted by transaction ids, which only those that write take: `xact_commit` is 10 s behind, and has our looks in it. */
	async #stored(): Promise<Pick<Traffic, "commits" | "walBytes" | "records">> {
		if (!this.#namespace) return { commits: null, walBytes: null, records: null };
		const { rows } = await this.#db.query(
			`SELECT pg_snapshot_xmax(pg_current_snapshot())::text AS commits,
				pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::text AS wal`,
		);
		const { commits, wal } = rows[0] as { commits: string; wal: string };
		return { commits: Number(commits), walBytes: Number(wal), records: await this.#records() };
	}

	/** Ever written to the installation's topics. */
	async #records(): Promise<number> {
		const topics = (await this.#admin.listTopics()).filter(name => name.startsWith(`${this.#namespace}.`));
		const ends = await Promise.all(topics.map(topic => this.#admin.fetchTopicOffsets(topic)));
		return ends.flat().reduce((sum, { high }) => sum + Number(high), 0);
	}
}
