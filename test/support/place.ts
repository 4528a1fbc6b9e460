/** Where a node runs: on a port that stays its own, with a line of its own to each server, which can be broken. */
import { type ParleyNode, startNode } from "./nodes.ts";
import { proxy, type TcpProxy } from "./proxy.ts";
import { freePorts } from "./servers.ts";

export interface Links {
	postgres: TcpProxy;
	redis: TcpProxy;
	/** Only where the place was given one. */
	kafka?: TcpProxy;
}

export interface Ways {
	/** The servers' addresses. */
	postgres: string;
	redis: string;
	/** Kafka tells its clients where to connect, so its line is there before it is. */
	kafka?: TcpProxy;
}

export class Place {
	readonly links: Links;
	readonly port: number;
	/** The last one that was started here; it may be gone. */
	node: ParleyNode | undefined;

	private constructor(links: Links, port: number) {
		this.links = links;
		this.port = port;
	}

	static async prepare({ postgres, redis, kafka }: Ways): Promise<Place> {
		const [toPostgres, toRedis, [port = 0]] = await Promise.all([
			proxy(postgres),
			proxy(redis),
			freePorts(1),
		]);
		return new Place({ postgres: toPostgres, redis: toRedis, ...(kafka && { kafka }) }, port);
	}

	get url(): string {
		return `http://127.0.0.1:${this.port}`;
	}

	/** @param root another checkout, for tests of changed source */
	async start(env: Record<string, string>, root?: string): Promise<ParleyNode> {
		const own = {
			CHAT_PORT: String(this.port),
			CHAT_DATABASE_URL: this.links.postgres.url,
			CHAT_REDIS_URL: this.links.redis.url,
			...(this.links.kafka && { CHAT_KAFKA_BROKERS: this.links.kafka.url }),
			CHAT_JWT_SECRET: "only for this test, and long enough",
		};
		this.node = await startNode({ ...own, ...env }, root);
		return this.node;
	}

	/** Ends its node and its lines. */
	async close(): Promise<void> {
		await this.node?.kill9();
		const { postgres, redis, kafka } = this.links;
		await Promise.all([postgres.close(), redis.close(), kafka?.close()]);
	}
}
