import { type Redis, type RedisOptions, SentinelConnector } from "ioredis";

type Told = (event: string, err: Error) => void;

/** What upstream has and declares private. */
interface Upstream {
	/** Ends the connection when the sentinels tell of another master. */
	failoverDetector: { cleanup(): void } | null;
	connect(tell: Told): Promise<unknown>;
	connectToSentinel(endpoint: unknown, options?: unknown): Redis;
}

const Base = SentinelConnector as unknown as new (options: unknown) => Upstream;

/**
 * Upstream's. That hears no error of the sentinels at which it waits for a failover, so that each would be printed, with
 * a stack; and of one that it cannot ask it says only that the connection is closed. Also it goes on listening for a
 * failover while it looks for the master anew: one that is told of then would end that search, and the client with it.
 */
class TellingConnector extends Base {
	/** Of the sentinel that was asked last. */
	#why: Error | null = null;

	override connect(tell: Told): Promise<unknown> {
		// With the next connection comes another one.
		this.failoverDetector?.cleanup();
		return super.connect((event, err) => tell(event, event === "sentinelError" ? (this.#why ?? err) : err));
	}

	override connectToSentinel(endpoint: unknown, options?: unknown): Redis {
		this.#why = null;
		return super.connectToSentinel(endpoint, options).on("error", err => {
			this.#why = err;
		});
	}
}

const ANSWER_MS = 2_000;
const AGAIN_MS = 5_000;

/** How sentinels are asked for the master, and listened to for another one. */
export const SENTINEL_OPTIONS: RedisOptions = {
	Connector: TellingConnector as unknown as NonNullable<RedisOptions["Connector"]>,
	// One that froze must not keep us from asking the next.
	sentinelCommandTimeout: ANSWER_MS,
	sentinelReconnectStrategy: () => AGAIN_MS,
	// A master that froze keeps its connections, and would be listened to for ever.
	failoverDetector: true,
};
