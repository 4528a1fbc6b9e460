/** The validation rules of fields that several actions share (fastest-validator). */
import { LIMITS } from "./limits.ts";

type Problem = { type: string; expected?: unknown; actual?: unknown };

/** PostgreSQL stores no NUL, and a lone surrogate has no UTF-8: such text could not come back as it was sent. */
export function isStorable(text: string): boolean {
	return text.isWellFormed() && !text.includes("\0");
}

function storable(value: unknown, errors: Problem[]): unknown {
	if (typeof value === "string" && !isStorable(value)) errors.push({ type: "textUnstorable" });
	return value;
}

function notBlank(value: unknown, errors: Problem[]): unknown {
	if (typeof value === "string" && value.trim() === "") errors.push({ type: "textBlank" });
	return storable(value, errors);
}

function emojiSize(value: unknown, errors: Problem[]): unknown {
	if (typeof value === "string" && new TextEncoder().encode(value).length > LIMITS.emojiBytesMax)
		errors.push({ type: "emojiTooLong", expected: LIMITS.emojiBytesMax });
	return notBlank(value, errors);
}

/** Why a metadata object is refused, or null. It walks with a bound, so that depth costs nothing. */
export function metadataProblem(
	value: unknown,
	levelsLeft: number = LIMITS.metadataLevelsMax,
): string | null {
	if (typeof value === "string") return isStorable(value) ? null : "textUnstorable";
	// JSON's 1e400 is read as Infinity, and would be written as null.
	if (typeof value === "number") return Number.isFinite(value) ? null : "metadataNumber";
	if (typeof value !== "object" || value === null) return null;
	if (levelsLeft === 0) return "metadataTooDeep";
	for (const [key, inner] of Object.entries(value)) {
		if (key === "__proto__" || !isStorable(key)) return "metadataKey";
		const problem = metadataProblem(inner, levelsLeft - 1);
		if (problem) return problem;
	}
	return null;
}

function metadataFits(value: unknown, errors: Problem[]): unknown {
	if (typeof value !== "object" || value === null) return value;
	const problem = metadataProblem(value);
	if (problem) errors.push({ type: problem });
	else if (new TextEncoder().encode(JSON.stringify(value)).length > LIMITS.metadataBytesMax)
		errors.push({ type: "metadataTooLarge", expected: LIMITS.metadataBytesMax });
	return value;
}

function plainUrl(value: unknown, errors: Problem[]): unknown {
	if (typeof value === "string" && !/^https?:\/\/[^\s]+$/i.test(value)) errors.push({ type: "urlPlain" });
	return storable(value, errors);
}

function isDay(text: string): boolean {
	const day = new Date(`${text}T00:00:00.000Z`);
	return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

function isoTime(value: unknown, errors: Problem[]): unknown {
	if (typeof value !== "string") return value;
	const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/.test(value)
		? Date.parse(value)
		: Number.NaN;
	const iso = Number.isNaN(time) ? "" : new Date(time).toISOString();
	// `Date` reads 31 February as 3 March, and year 0, which PostgreSQL has not; a zone may lead out of the years.
	if (isDay(value.slice(0, 10)) && /^(?!0000)\d{4}-/.test(iso)) return iso;
	errors.push({ type: "isoTime" });
	return value;
}

/** What the rules above say when they fail, and two of the validator's that mislead; the rest are its own words. */
export const FIELD_MESSAGES: Record<string, string> = {
	textUnstorable: "The '{field}' field must not hold NUL characters or lone surrogates.",
	textBlank: "The '{field}' field must not be blank.",
	emojiTooLong: "The '{field}' field must have at most {expected} bytes.",
	metadataTooDeep: `The '{field}' field must have at most ${LIMITS.metadataLevelsMax} levels.`,
	metadataTooLarge: "The '{field}' field must have at most {expected} bytes as JSON.",
	metadataNumber: "The '{field}' field has a number that is too large.",
	metadataKey: "The '{field}' field has a key that cannot be stored.",
	urlPlain: "The '{field}' field must be an http or https address.",
	enumValue: "The '{field}' field must be one of: {expected}.",
	arrayUnique: "The '{field}' field must not have the same item twice.",
	isoTime: "The '{field}' field must be a time in ISO 8601 with a zone.",
};

export const id = { type: "uuid" } as const;
export const optionalId = { type: "uuid", optional: true } as const;
export const content = { type: "string", min: 1, max: LIMITS.contentUnitsMax, custom: notBlank } as const;
export const metadata = { type: "object", custom: metadataFits } as const;
export const optionalMetadata = { ...metadata, optional: true } as const;
export const clientId = {
	type: "string",
	min: 1,
	max: LIMITS.clientIdMax,
	optional: true,
	custom: storable,
} as const;
export const mentions = {
	type: "array",
	items: id,
	max: LIMITS.mentionsMax,
	unique: true,
	optional: true,
} as const;
export const userIds = { type: "array", items: id, min: 1, max: LIMITS.userIdsMax, unique: true } as const;
export const presenceUserIds = { type: "array", items: id, max: LIMITS.presenceUserIdsMax } as const;
export const emoji = { type: "string", min: 1, max: LIMITS.emojiBytesMax, custom: emojiSize } as const;
export const chatName = {
	type: "string",
	min: 1,
	max: LIMITS.chatNameMax,
	nullable: true,
	optional: true,
	custom: notBlank,
} as const;
export const description = {
	type: "string",
	max: LIMITS.descriptionMax,
	nullable: true,
	optional: true,
	custom: storable,
} as const;
export const avatarUrl = {
	type: "string",
	max: LIMITS.urlMax,
	nullable: true,
	optional: true,
	custom: plainUrl,
} as const;
export const displayName = {
	type: "string",
	min: 1,
	max: LIMITS.displayNameMax,
	optional: true,
	custom: notBlank,
} as const;
export const time = { type: "string", max: 40, nullable: true, custom: isoTime } as const;
export const optionalTime = { ...time, optional: true } as const;
export const seq = { type: "number", integer: true, min: 0, max: Number.MAX_SAFE_INTEGER } as const;
export const optionalSeq = { ...seq, optional: true } as const;
export const cursor = {
	type: "string",
	min: 1,
	max: LIMITS.cursorMax,
	optional: true,
	custom: storable,
} as const;
export const limit = { type: "number", integer: true, min: 1, max: LIMITS.pageMax, optional: true } as const;
export const email = { type: "email", max: LIMITS.emailMax, mode: "precise", custom: storable } as const;
export const search = { type: "string", max: LIMITS.searchMax, optional: true, custom: storable } as const;
/** Any text of at most `max` units. */
export const secret = (max: number) => ({ type: "string", min: 1, max, custom: storable }) as const;
