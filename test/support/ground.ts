/** Nodes on servers of their own, where every link from a node to a server can be broken. */
import pg from "pg";
import { type ParleyNode, startNode } from "./nodes.ts";
import { proxy, type TcpProxy } from "./proxy.ts";
import type { Stored } from "./record.ts";
import { type ServerProcess, startPostgres, startRedis } from "./servers.ts";

export interface Links {
	postgres: TcpProxy;
	redis: TcpProxy;
}

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
	const nodes: ParleyNode[] = [];
	const links: Links[] = [];

	async function grow(env: Record<string, string> = {}, root?: string): Promise<ParleyNode> {
		const [toPostgres, toRedis] = await Promise.all([proxy(postgres.url), proxy(redis.url)]);
		links.push({ postgres: toPostgres, redis: toRedis });
		const common = {
			CHAT_DATABASE_URL: toPostgres.url,
			CHAT_REDIS_URL: toRedis.url,
			CHAT_JWT_SECRET: "only for this test, and long enough",
		};
		const node = await startNode({ ...common, ...env }, root);
		nodes.push(node);
		return node;
	}

	async function stop(): Promise<void> {
		await Promise.all(nodes.map(node => node.kill9()));
		await Promise.all(links.flatMap(link => [link.postgres.close(), link.redis.close()]));
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
		links,
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
