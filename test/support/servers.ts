import { startKafka } from "./servers/kafka.ts";
import { startPostgres } from "./servers/postgres.ts";
import { startRedis } from "./servers/redis.ts";
import type { ServerProcess } from "./servers/types.ts";

export { freePorts } from "./servers/ports.ts";
export type { ServerProcess, Settings, StartOptions } from "./servers/types.ts";
export { startKafka, startPostgres, startRedis };

export interface Wanted {
	postgres?: boolean;
	redis?: boolean;
	kafka?: boolean;
}

/** An address is empty where that server was not asked for. */
export interface Servers {
	databaseUrl: string;
	redisUrl: string;
	kafkaBrokers: string;
	/** Only what was started here: whoever gave an address keeps their server. */
	postgres?: ServerProcess;
	redis?: ServerProcess;
	kafka?: ServerProcess;
	stop(): Promise<void>;
}

/**
 * Real servers, at the addresses in `TEST_DATABASE_URL`, `TEST_REDIS_URL`, `TEST_KAFKA_BROKERS` where given, else
 * started on 127.0.0.1: in Docker where an engine runs, natively otherwise. They end with this process.
 */
export async function startServers(
	wanted: Wanted = { postgres: true, redis: true, kafka: true },
): Promise<Servers> {
	const { TEST_DATABASE_URL, TEST_REDIS_URL, TEST_KAFKA_BROKERS } = process.env;
	const started = await Promise.allSettled([
		wanted.postgres && !TEST_DATABASE_URL ? startPostgres() : undefined,
		wanted.redis && !TEST_REDIS_URL ? startRedis() : undefined,
		wanted.kafka && !TEST_KAFKA_BROKERS ? startKafka() : undefined,
	]);
	const stop = async () => {
		const running = started.map(outcome => (outcome.status === "fulfilled" ? outcome.value : undefined));
		await Promise.all(running.map(server => server?.stop()));
	};
	const [postgres, redis, kafka] = await Promise.all(
		started.map(async outcome => {
			if (outcome.status === "fulfilled") return outcome.value;
			await stop();
			throw outcome.reason;
		}),
	);
	return {
		databaseUrl: (wanted.postgres && TEST_DATABASE_URL) || postgres?.url || "",
		redisUrl: (wanted.redis && TEST_REDIS_URL) || redis?.url || "",
		kafkaBrokers: (wanted.kafka && TEST_KAFKA_BROKERS) || kafka?.url || "",
		...(postgres && { postgres }),
		...(redis && { redis }),
		...(kafka && { kafka }),
		stop,
	};
}
