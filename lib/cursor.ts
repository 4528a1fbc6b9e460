import { isStorable } from "../contracts/fields.ts";
import { invalid } from "./errors.ts";

/** An opaque cursor for clients: what to go on from, as base64url JSON. */
export const encodeCursor = (position: readonly (string | number | null)[]): string =>
	Buffer.from(JSON.stringify(position)).toString("base64url");

type Kind = "string" | "number" | "uuid" | "time" | "xid";

/** PostgreSQL would answer anything else with an error of its own. */
const FORMS: Record<Kind, (part: unknown) => boolean> = {
	string: part => typeof part === "string" && isStorable(part),
	number: part => typeof part === "number",
	uuid: part => typeof part === "string" && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(part),
	time: part =>
		typeof part === "string" &&
		/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?[+-]\d\d(:\d\d)?$/.test(part) &&
		!Number.isNaN(Date.parse(part.slice(0, 19))),
	xid: part => typeof part === "string" && /^\d{1,18}$/.test(part),
};

/**
 * Reads a cursor back.
 * @param kinds what each part is: by `typeof`, or a UUID, a `timestamptz::text`, an `xid8::text`
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
