/** What a client may see of an error: the catalogue's code and words, and never a stack, a query or a host. */
import { ERRORS, type ErrorCode, type FieldError } from "../../contracts/errors.ts";
import type { SocketFailure } from "../../contracts/socket.ts";
import { isAway, isRefusedValue } from "../../lib/database.ts";
import { codeOf } from "../../lib/errors.ts";

export interface WireError {
	code: ErrorCode;
	/** HTTP status. */
	status: number;
	message: string;
	errors?: FieldError[];
	/** Seconds. */
	retryAfter?: number;
}

/** RFC 9457. `retryAfter` stands in the header `Retry-After` as well. */
export interface Problem {
	type: string;
	title: string;
	status: number;
	code: ErrorCode;
	detail: string;
	errors?: FieldError[];
	retryAfter?: number;
	traceId: string;
}

/** What Moleculer says when nobody could be asked, or did not answer in time: a write may have happened. */
const NOBODY_ANSWERED = new Set([
	"SERVICE_NOT_FOUND",
	"SERVICE_NOT_AVAILABLE",
	"REQUEST_TIMEOUT",
	"REQUEST_SKIPPED",
	"REQUEST_REJECTED",
	"QUEUE_FULL",
	"BAD_GATEWAY",
	"GRACEFUL_STOP_TIMEOUT",
]);
const NOBODY_ANSWERED_NAMES = new Set(["ServiceUnavailableError", "BrokerDisconnectedError"]);

/** A field error names at most so many fields: a body of 64 KB may have thousands of unknown ones. */
const FIELD_ERRORS_MAX = 20;
const FIELD_NAME_MAX = 128;

interface Thrown {
	name?: unknown;
	message?: unknown;
	code?: unknown;
	type?: unknown;
	data?: unknown;
}

/** Any error, of whatever layer, as a client may see it. */
export function wireError(err: unknown): WireError {
	// PostgreSQL's words for a value that it refused are nobody's business.
	const speaks = typeof err === "object" && err !== null && !isRefusedValue(err);
	const thrown = (speaks ? err : {}) as Thrown;
	const code = codeSeen(thrown, err);
	const kind = ERRORS[code];
	const details = (thrown.data ?? {}) as { errors?: unknown; retryAfter?: unknown };
	const wire: WireError = {
		code,
		status: isBroken(thrown, code) ? 400 : kind.status,
		// From 500 on the message may be anybody's, so the catalogue speaks.
		message: kind.status >= 500 ? kind.meaning : String(thrown.message ?? kind.meaning),
	};
	if (code === "VALIDATION_ERROR") {
		const problems = Array.isArray(thrown.data) ? thrown.data : details.errors;
		const errors = fieldErrors(problems);
		if (errors.length > 0) wire.errors = errors;
		if (Array.isArray(thrown.data)) wire.message = errors[0]?.message ?? kind.meaning;
	}
	if (kind.retryable) wire.retryAfter = Math.max(1, Math.ceil(Number(details.retryAfter) || 1));
	return wire;
}

/** The body of a REST answer that failed. */
export function problemOf(wire: WireError, traceId: string): Problem {
	const { code, status, message, errors, retryAfter } = wire;
	return {
		type: `urn:parley:error:${code}`,
		title: ERRORS[code].title,
		status,
		code,
		detail: message,
		...(errors && { errors }),
		...(retryAfter !== undefined && { retryAfter }),
		traceId,
	};
}

/** What a failed socket event is acknowledged with. */
export function socketFailure(wire: WireError, traceId?: string): SocketFailure {
	const { code, message, errors, retryAfter } = wire;
	const details = {
		...(errors && { errors }),
		...(retryAfter !== undefined && { retryAfter }),
		...(traceId !== undefined && { traceId }),
	};
	return { status: "error", code, message, ...(Object.keys(details).length > 0 && { details }) };
}

/** Whether somebody has to look at it: the caller did nothing wrong, and nothing foreseen is away. */
export const isFault = ({ code }: WireError): boolean => code === "INTERNAL";

function codeSeen(thrown: Thrown, err: unknown): ErrorCode {
	const known = codeOf(thrown);
	if (known) return known;
	const nobodyAnswered =
		NOBODY_ANSWERED.has(String(thrown.type)) || NOBODY_ANSWERED_NAMES.has(String(thrown.name));
	// A check is missing, and the log says where; the client is told all the same that its value is at fault.
	if (isRefusedValue(err)) return "VALIDATION_ERROR";
	if (nobodyAnswered || (err instanceof Error && isAway(err))) return "UNAVAILABLE";
	return "INTERNAL";
}

/** Broken JSON and broken HTTP: what arrived could not be read at all. */
function isBroken({ code: status }: Thrown, code: ErrorCode): boolean {
	return code === "VALIDATION_ERROR" && status === 400;
}

/** Field errors of our own, or a validator's findings, whose `actual` and `nodeID` are nobody's business. */
export function fieldErrors(problems: unknown): FieldError[] {
	if (!Array.isArray(problems)) return [];
	return problems.flatMap(fieldsOf).slice(0, FIELD_ERRORS_MAX);
}

function fieldsOf(problem: {
	type?: unknown;
	field?: unknown;
	message?: unknown;
	actual?: unknown;
}): FieldError[] {
	const field = String(problem.field ?? "");
	if (problem.type === "objectStrict")
		return String(problem.actual)
			.split(", ")
			.slice(0, FIELD_ERRORS_MAX)
			.map(name => unknownField(field ? `${field}.${name}` : name));
	return [{ field: field.slice(0, FIELD_NAME_MAX), message: String(problem.message ?? "") }];
}

export function unknownField(name: string): FieldError {
	const field = name.slice(0, FIELD_NAME_MAX);
	return { field, message: `The field '${field}' is unknown.` };
}
