/** Every bound of the socket half, with its unit in its name. */
export const BOUNDS = {
	/** A client that vanished is noticed within both of these together. */
	pingEveryMs: 20_000,
	pongWithinMs: 15_000,
	/** A connection that does not sign in. */
	signInWithinMs: 10_000,
	/** Connections that have not signed in, beyond those that have, and of one address. */
	unsignedConnectionsMax: 2_000,
	unsignedPerAddressMax: 1_000,
	/** CONNECT packets of one connection: a client needs one. */
	signInsPerConnectionMax: 5,
	/** Calls of one socket that wait or run. */
	callsInFlightMax: 128,
	/** Sends of all sockets: a node that takes some thousands a second has answered the last of so many within a second. */
	sendsUnderWayMax: 3_000,
	openChatsPerSocketMax: 1_000,
	/** What a client may leave unread before it is cut off. */
	unreadBytesMax: 1024 * 1024,
	/** A socket with more than this unread is behind: it hears of no typing. */
	volatileBytesMax: 64 * 1024,

	/** An event that came early waits so long for those before it, then they are read. */
	earlyWaitMs: 100,
	earlyEventsMax: 1_000,
	gapPagesMax: 50,
	gapReadsAtOnceMax: 8,
	/** After a read that failed. */
	retryAfterMs: 1_000,
	sweepEveryMs: 25,

	headsEveryMs: 5_000,
	headsPerCallMax: 5_000,
	/** What one heartbeat tells: at some 50 bytes each, below 64 KB. */
	headsPerHeartbeatMax: 1_000,
	/** A socket that is just being let in, or goes on with another token, is compared with what ended meanwhile. */
	endedSessionsKeptMs: 60_000,
	endedSessionsMax: 10_000,
	/** Sessions, memberships and subscriptions are looked up again. */
	rightsEveryMs: 30_000,
	usersPerLoadMax: 100,
	usersWaitingMax: 100_000,
	usersPerCallMax: 1_000,
	sessionsPerCallMax: 5_000,
	amongPerCallMax: 10_000,
	pagesMax: 10_000,
	/** Beyond so many, writers that beat no more are forgotten. */
	streamsMax: 1_000,
	streamSilentMs: 60_000,

	leasesPerCallMax: 500,
	leasesWaitingMax: 100_000,
	/** Pongs come one by one, and what they renew is good for much longer. */
	renewalsGatherMs: 1_000,

	typingEndsMs: 5_000,
	typingCheckEveryMs: 250,
	/** A `true` that only repeats is passed on so often. */
	typingRepeatMs: 2_000,
	mayTypeKeptMs: 5_000,
	mayTypeKeptMax: 10_000,
	sharingRecheckAtOnceMax: 4,

	expiryCheckEveryMs: 1_000,
	expiringBeforeMs: 60_000,

	/** Clients of a node that stops are told to come back within this, each at another moment. */
	drainSpreadMs: 1_000,
	/** After it, for those that were told the last moment, to be let in elsewhere before they are let go here. */
	drainMoveMs: 2_000,
	drainLookEveryMs: 25,
	/** Calls that still run when a node stops. */
	drainCallsMs: 4_000,
	/** To answer the closing handshake of a websocket. */
	goodbyeMs: 500,
} as const;
