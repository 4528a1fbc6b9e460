/** Nodes on servers of their own, where every link from a node to a server can be broken. */
import pg from "pg";
import type { ParleyNode } from "./nodes.ts";
import { type Links, Place } from "./place.ts";
import type { Stored } from "./record.ts";
import { type ServerProcess, startPostgres, startRedis } from "./servers.ts";

export type { Links };

export interface Ground {
	postgres: ServerProcess;
	redis: ServerProcess;
	nodes: ParleyNode[];
	/** Of each node. */
	links: Links[];
	urls: string[];
	/** What PostgreSQL has, past every proxy. */
	stored(chatIds: string[]): Promise<Stored[]>;
	/** Starts one more node, which shares what the others have. */
	grow(env?: Record<string, string>, root?: string): Promise<ParleyNode>;
	stop(): Promise<void>;
}

/** Starts a node for each set of variables, one after the other: the first migrates. */
export async function prepareGround(envs: Record<string, string>[] = [{}, {}]): Promise<Ground> {
	const [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
	const places: Place[] = [];
	const nodes: ParleyNode[] = [];

	async function grow(env: Record<string, string> = {}, root?: string): Promise<ParleyNode> {
		const place = await Place.prepare({ postgres: postgres.url, redis: redis.url });
		places.push(place);
		const node = await place.start(env, root);
		nodes.push(node);
		return node;
	}

	async function stop(): Promise<void> {
		await Promise.all(places.map(place => place.close()));
		await Promise.all([postgres.stop(), redis.stop()]);
	}

	try {
		for (const env of envs) await grow(env);
	} catch (err) {
		await stop();
		throw err;
	}
	return {
		postgres,
		redis,
		nodes,
		get links() {
			return places.map(({ links }) => links);
		},
		get urls() {
			return nodes.map(({ url }) => url);
		},
		stored: chatIds => storedIn(postgres, chatIds),
		grow,
		stop,
	};
}

async function storedIn({ url }: ServerProcess, chatIds: string[]): Promise<Stored[]> {
	const db = new pg.Client({ connectionString: url });
	await db.connect();
	try {
		const { rows } = await db.query(
			"SELECT chat_id, client_id, id, seq FROM chat.messages WHERE chat_id = ANY($1)",
			[chatIds],
		);
		return rows.map(row => ({ ...row, seq: Number(row.seq) }));
	} finally {
		await db.end();
	}
}
