import { isStorable } from "../contracts/fields.ts";
import { invalid } from "./errors.ts";

/** An opaque cursor for clients: what to go on from, as base64url JSON. */
export const encodeCursor = (position: readonly (string | number | null)[]): string =>
	Buffer.from(JSON.stringify(position)).toString("base64url");

type Kind = "string" | "number" | "int4" | "uuid" | "time" | "isoTime" | "xid";

/** Whether a time stands in the calendar, of the years that have four digits and that PostgreSQL has: 2021-02-31 does not. */
const isOnCalendar = (iso: string): boolean => {
	const at = new Date(iso);
	return !Number.isNaN(at.getTime()) && at.toISOString() === iso && !iso.startsWith("0000");
};

/** PostgreSQL would answer anything else with an error of its own. */
const FORMS: Record<Kind, (part: unknown) => boolean> = {
	string: part => typeof part === "string" && isStorable(part),
	number: part => Number.isSafeInteger(part),
	int4: part => Number.isInteger(part) && (part as number) === ((part as number) | 0),
	uuid: part => typeof part === "string" && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(part),
	time: part =>
		typeof part === "string" &&
		/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?[+-](0\d|1[0-4])(:[0-5]\d)?$/.test(part) &&
		isOnCalendar(`${part.slice(0, 10)}T${part.slice(11, 19)}.000Z`),
	isoTime: part => typeof part === "string" && part.length === 24 && isOnCalendar(part),
	xid: part => typeof part === "string" && /^\d{1,18}$/.test(part),
};

/**
 * Reads a cursor back.
 * @param kinds what each part is: a text, a safe integer, an `int4`, a UUID, a `timestamptz::text`, what `toISOString`
 * gives, an `xid8::text`
 * @throws VALIDATION_ERROR for anything that `encodeCursor` did not make
 */
export function decodeCursor(cursor: string, kinds: readonly Kind[], field = "cursor"): (string | number)[] {
	try {
		const parts: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
		if (
			Array.isArray(parts) &&
			parts.length === kinds.length &&
			parts.every((part, i) => FORMS[kinds[i] ?? "string"](part))
		) {
			return parts as (string | number)[];
		}
	} catch {
		// Not ours: answered below like any other wrong cursor.
	}
	throw invalid(field, `The '${field}' field is not one that this server gave.`);
}
