import type { ErrorCode, FieldError, ParleyErrorShape } from "@parley/client";
import type { Texts } from "../i18n/en.ts";

/** What is told of a failure: in words, and beside which fields. */
export interface Problem {
	code: ErrorCode | null;
	text: string;
	fields: Record<string, string>;
}

function isShape(error: unknown): error is ParleyErrorShape {
	return typeof error === "object" && error !== null && "code" in error && "retryable" in error;
}

/** `own` are a form's own words for a code. */
export function problemOf(error: unknown, t: Texts, own: Partial<Record<ErrorCode, string>> = {}): Problem {
	if (!isShape(error)) return { code: null, text: t.failed, fields: {} };
	const { code } = error;
	return { code, text: own[code] ?? textOf(error, t), fields: byField(error.errors ?? []) };
}

function byField(errors: readonly FieldError[]): Record<string, string> {
	const fields: Record<string, string> = {};
	for (const { field, message } of errors) fields[field] ??= message;
	return fields;
}

function textOf(error: ParleyErrorShape, t: Texts): string {
	switch (error.code) {
		case "RATE_LIMITED":
			return t.failedRate(Math.max(1, Math.ceil(error.retryAfter ?? 1)));
		case "FORBIDDEN":
			return t.failedForbidden;
		case "NOT_FOUND":
			return t.failedGone;
		case "UNAVAILABLE":
			return t.failedOffline;
		case "SERVER_FULL":
		case "INTERNAL":
			return t.failedServer;
		default:
			return t.failed;
	}
}
