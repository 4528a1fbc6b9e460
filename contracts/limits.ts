/** The bounds that a client keeps to by itself: an app carries these, and not the others. */
export const CLIENT_LIMITS = {
	/** Bytes of `metadata` as JSON. */
	metadataBytesMax: 4_096,
	presenceUserIdsMax: 200,
	pageMax: 200,
	pageDefault: 50,
	/** More changes behind than this, and `changes` answers `reset`. */
	changesBehindMax: 1_000,
	presenceSubscriptionsMax: 1_000,
} as const;

/** Every bound that a client can run into, in the contract's own units. */
export const LIMITS = {
	/** UTF-16 units of a message's content. */
	contentUnitsMax: 16_384,
	/** Levels of `metadata`, the outer one counted. */
	metadataLevelsMax: 8,
	chatNameMax: 100,
	descriptionMax: 1_000,
	usernameMin: 3,
	usernameMax: 32,
	passwordMin: 8,
	passwordMax: 256,
	displayNameMax: 80,
	urlMax: 2_048,
	emailMax: 254,
	statusTextMax: 140,
	searchMax: 100,
	/** A channel's name, each unit escaped in JSON, in base64url, with ids beside it. */
	cursorMax: 1_024,
	clientIdMax: 64,
	mentionsMax: 50,
	participantsMax: 500,
	userIdsMax: 100,
	forwardChatsMax: 20,
	/** UTF-8 bytes of one reaction. */
	emojiBytesMax: 64,
	emojisPerMessageMax: 50,
	reactionUserIdsMax: 20,
	/** Bytes of a REST body and of a socket packet. */
	bodyBytesMax: 64 * 1024,
	groupMembersMax: 10_000,
	channelMembersMax: 100_000,
	...CLIENT_LIMITS,
} as const;

/**
 * A fixed window: it begins with the first call after the last window, and its calls may come all at once. Where two
 * windows meet, up to twice as many do; over any longer time it is `points` in each window.
 */
export interface Rate {
	/** Calls allowed in each window. */
	points: number;
	/** Length of the window in seconds. */
	windowS: number;
	/** Whom it counts. */
	per: "user" | "address";
	/** In words, for the documentation. */
	doc: string;
}

/** r/s for ever with bursts of b is a window of b calls that takes b/r seconds. */
export const RATES = {
	send: { points: 60, windowS: 6, per: "user", doc: "sends: 10/s with bursts of 60" },
	write: { points: 60, windowS: 6, per: "user", doc: "other writes: 10/s with bursts of 60" },
	read: { points: 200, windowS: 4, per: "user", doc: "reads: 50/s with bursts of 200" },
	typing: { points: 5, windowS: 1, per: "user", doc: "typing: 5/s" },
	connect: { points: 30, windowS: 60, per: "user", doc: "connects: 30 a minute" },
	login: { points: 30, windowS: 60, per: "address", doc: "logins: 30 a minute for each address" },
	/** Not a login: whole offices refresh from one address, and a guessed token costs no hash. */
	refresh: {
		points: 300,
		windowS: 60,
		per: "address",
		doc: "refreshes of a session: 300 a minute for each address",
	},
	register: {
		points: 10,
		windowS: 3_600,
		per: "address",
		doc: "registrations: 10 an hour for each address in production, 1,000 in development",
	},
} as const satisfies Record<string, Rate>;

/** Failed logins of one account, from wherever they come. */
export const LOGIN_FAILURES = { points: 10, windowS: 900 } as const;
export const REGISTRATIONS_IN_DEVELOPMENT = 1_000;
