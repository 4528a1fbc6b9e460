/** The error catalogue: what a client may see, and what it should do about it. */
export interface ErrorKind {
	/** HTTP status. */
	status: number;
	title: string;
	/** Whether the same call may succeed later, unchanged. */
	retryable: boolean;
	meaning: string;
}

export const ERRORS = {
	VALIDATION_ERROR: {
		status: 422,
		title: "The request is not valid",
		retryable: false,
		meaning:
			"A field is missing, wrong, too large or unknown; `errors` names each. Broken JSON has status 400.",
	},
	UNAUTHENTICATED: {
		status: 401,
		title: "Not signed in",
		retryable: false,
		meaning: "No token, a wrong one, or one whose session has ended. Sign in again.",
	},
	TOKEN_EXPIRED: {
		status: 401,
		title: "The token has expired",
		retryable: false,
		meaning: "The access token's time is over. Refresh it and repeat the call.",
	},
	FORBIDDEN: {
		status: 403,
		title: "Not allowed",
		retryable: false,
		meaning: "A right is missing in something that the caller may see.",
	},
	NOT_FOUND: {
		status: 404,
		title: "Not found",
		retryable: false,
		meaning: "It does not exist, or the caller may not see it: both answer the same.",
	},
	METHOD_NOT_ALLOWED: {
		status: 405,
		title: "Method not allowed",
		retryable: false,
		meaning: "The path exists, but not with this method; `Allow` lists those that do.",
	},
	CONFLICT: {
		status: 409,
		title: "In conflict with the present state",
		retryable: false,
		meaning: "A name is taken, a message is deleted, the last owner would leave.",
	},
	PAYLOAD_TOO_LARGE: {
		status: 413,
		title: "The body is too large",
		retryable: false,
		meaning: "A REST body has at most 64 KB.",
	},
	UNSUPPORTED_MEDIA_TYPE: {
		status: 415,
		title: "Unsupported media type",
		retryable: false,
		meaning: "A REST body is `application/json` in UTF-8.",
	},
	RATE_LIMITED: {
		status: 429,
		title: "Too many requests",
		retryable: true,
		meaning: "A rate limit is reached; `retryAfter` says for how many seconds.",
	},
	UNAVAILABLE: {
		status: 503,
		title: "Temporarily unavailable",
		retryable: true,
		meaning:
			"Something that the call needs is away or full. A write may have happened: repeat it with the same key after `retryAfter` seconds.",
	},
	SERVER_FULL: {
		status: 503,
		title: "The server is full",
		retryable: true,
		meaning: "This node holds as many connections as it may. Connect again later; another node may answer.",
	},
	INTERNAL: {
		status: 500,
		title: "Internal error",
		retryable: false,
		meaning: "A fault of the server, logged under `traceId`.",
	},
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof ERRORS;

/** What may go to the client beside code and message. */
export interface ErrorDetails {
	errors?: FieldError[];
	/** Seconds. */
	retryAfter?: number;
}

/** An error as data, in an answer that holds several outcomes. */
export interface Failure {
	type: ErrorCode;
	message: string;
	details?: ErrorDetails;
}

/** One field that is wrong, and how. */
export interface FieldError {
	field: string;
	message: string;
}
