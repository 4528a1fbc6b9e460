import { Errors } from "moleculer";
import { ERRORS, type ErrorCode, type ErrorDetails, type Failure } from "../contracts/errors.ts";

/** An error of the catalogue. Moleculer carries its code, type and data between nodes. */
export function fail(type: ErrorCode, message?: string, details?: ErrorDetails): Errors.MoleculerError {
	const kind = ERRORS[type];
	const { MoleculerClientError, MoleculerRetryableError } = Errors;
	// Never MoleculerRetryableError for writes: Moleculer's own retries stay off, the client repeats with its key.
	const Kind = kind.status < 500 ? MoleculerClientError : MoleculerRetryableError;
	return new Kind(message ?? kind.meaning, kind.status, type, details);
}

export const notFound = (what: string) => fail("NOT_FOUND", `There is no such ${what}.`);
export const forbidden = (why: string) => fail("FORBIDDEN", why);
export const conflict = (why: string) => fail("CONFLICT", why);
export const invalid = (field: string, message: string) =>
	fail("VALIDATION_ERROR", message, { errors: [{ field, message }] });
export const unavailable = (retryAfter = 1) => fail("UNAVAILABLE", undefined, { retryAfter });

/** The catalogue's code of an error, wherever it was made; null where it is none of ours. */
export function codeOf(err: unknown): ErrorCode | null {
	const type = (err as { type?: unknown } | null)?.type;
	return typeof type === "string" && type in ERRORS ? (type as ErrorCode) : null;
}

/** An error as data; null where it is none of the catalogue's, and so nobody's business outside. */
export function failureOf(err: unknown): Failure | null {
	const type = codeOf(err);
	if (!type || type === "INTERNAL") return null;
	const { message, data } = err as { message: string; data?: ErrorDetails };
	return { type, message, ...(data && { details: data }) };
}

/** What a newer node fails with, and this one does not know, is INTERNAL. */
export const failWith = ({ type, message, details }: Failure) =>
	type in ERRORS ? fail(type, message, details) : fail("INTERNAL");
