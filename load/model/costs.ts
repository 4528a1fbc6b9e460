/** What was measured, as the model takes it: in µs of a core, bytes, KiB. docs/scaling.md has the figures behind it. */
export interface Costs {
	/** Of a worker and of PostgreSQL: for each commit, and for each message in it. */
	worker: { commit: number; message: number };
	postgres: { commit: number; message: number };
	/** Of a gateway: a message that a socket sends, and one that it writes to a socket. */
	gateway: { send: number; delivery: number };
	/** A node that hears a batch of others: the packet, and each message in it. */
	hear: { packet: number; message: number };
	/** A writer, for each node that it tells. */
	tell: { packet: number; message: number };
	/** Redis, for each packet that it takes and gives to one node, and for each message in it. */
	redis: { packet: number; message: number };
	/** A connection that only stays: CPU for each second, and memory. */
	still: { gateway: number; postgres: number; redis: number; redisBytes: number; kib: number };
	/** A message as an event on the bus, in PostgreSQL's log, stored with its indexes, and as all its records on Kafka. */
	bytes: { event: number; wal: number; stored: number; kafka: number };
	/** How often a second a busy node commits. */
	commitsPerSecond: number;
}

export const MEASURED: Costs = {
	// Alone 700 µs of each; in `direct`, at 70 messages a commit, 181 and 81 a message: 40 of the 181 are writing to
	// the two sockets, 40 reading from one, answering and calling, 9 a share of the commit.
	worker: { commit: 650, message: 92 },
	postgres: { commit: 650, message: 72 },
	// 15 µs a write, and what makes it.
	gateway: { send: 40, delivery: 20 },
	// The row `bus`, at 1,200 messages/s: 12.1 µs a message, 0.078 packets; JSON is parsed at 250 MB/s.
	hear: { packet: 104, message: 4 },
	// Too little beside what the writer does else; a write takes so long, and bytes are made once.
	tell: { packet: 15, message: 0 },
	// The row `bus`, at 100 and 1,200 messages/s.
	redis: { packet: 16, message: 0.5 },
	// The rows `still` and `idle`. There 20 people shared each chat, so PostgreSQL was asked for 0.9 rows a second and
	// connection, for 1.3 µs: memberships each 30 s, heads each 5 s. With chats of its own it is 4.7 rows.
	still: { gateway: 14, postgres: 7, redis: 2.6, redisBytes: 444, kib: 35 },
	bytes: { event: 1_000, wal: 2_570, stored: 512, kafka: 2_000 },
	// They gather for 20 ms.
	commitsPerSecond: 50,
};
