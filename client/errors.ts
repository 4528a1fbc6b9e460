import type { ERRORS, ErrorCode, FieldError } from "../contracts/errors.ts";
import type { ParleyErrorShape } from "./api.ts";

type RetryableCode = {
	[Code in ErrorCode]: (typeof ERRORS)[Code]["retryable"] extends true ? Code : never;
}[ErrorCode];

// The catalogue itself is mostly words for the documentation, which no application should have to load.
const RETRYABLE: Record<RetryableCode, true> = { RATE_LIMITED: true, UNAVAILABLE: true, SERVER_FULL: true };
const isRetryable = (code: ErrorCode): boolean => Object.hasOwn(RETRYABLE, code);

interface Details {
	/** Seconds. */
	retryAfter?: number | null | undefined;
	errors?: FieldError[] | undefined;
}

/** Every failure that the client tells of. Decide by `code`. */
export class ParleyError extends Error implements ParleyErrorShape {
	override readonly name = "ParleyError";
	readonly code: ErrorCode;
	readonly retryable: boolean;
	readonly retryAfter: number | null;
	readonly errors: FieldError[];
	readonly docs: string;

	constructor(code: ErrorCode, message: string = code, { retryAfter, errors }: Details = {}) {
		super(message);
		this.code = code;
		this.retryable = isRetryable(code);
		this.retryAfter = retryAfter ?? null;
		this.errors = errors ?? [];
		this.docs = `docs/errors.md#${code}`;
	}
}

/** Nobody answered, or nobody could be asked: whether it happened is not known. */
export const unavailable = (message: string): ParleyError => new ParleyError("UNAVAILABLE", message);

/** What a server says of a failure: an acknowledgement, a problem+json, or the `data` of a refused connection. */
interface Said {
	code?: unknown;
	message?: unknown;
	detail?: unknown;
	errors?: unknown;
	retryAfter?: unknown;
	details?: Said | undefined;
}

/** A server's words as an error; what is no answer of Parley's becomes `fallback`. */
export function errorFrom(said: unknown, fallback = "The server gave no answer."): ParleyError {
	const { code, message, detail, details, ...own } = (said ?? {}) as Said;
	if (typeof code !== "string") return unavailable(fallback);
	const { errors, retryAfter } = details ?? own;
	return new ParleyError(code as ErrorCode, String(detail ?? message ?? code), {
		retryAfter: typeof retryAfter === "number" ? retryAfter : null,
		errors: Array.isArray(errors) ? (errors as FieldError[]) : [],
	});
}

/** Anything that was thrown, as a ParleyError: what is none, as an application's token function may throw, may pass. */
export const parleyError = (err: unknown): ParleyError =>
	err instanceof ParleyError ? err : unavailable(err instanceof Error ? err.message : String(err));

/** Whether the same call may succeed later. After an expired token it may: the client asks for a fresh one. */
export const mayPass = (err: unknown): boolean =>
	err instanceof ParleyError && (err.retryable || err.code === "TOKEN_EXPIRED");
