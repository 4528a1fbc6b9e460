import { invalid } from "./errors.ts";

/** An opaque cursor for clients: what to go on from, as base64url JSON. */
export const encodeCursor = (position: readonly (string | number | null)[]): string =>
	Buffer.from(JSON.stringify(position)).toString("base64url");

/**
 * Reads a cursor back.
 * @param kinds what each part is, by `typeof`
 * @throws VALIDATION_ERROR for anything that `encodeCursor` did not make
 */
export function decodeCursor(
	cursor: string,
	kinds: readonly ("string" | "number")[],
	field = "cursor",
): (string | number)[] {
	try {
		const parts: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
		if (
			Array.isArray(parts) &&
			parts.length === kinds.length &&
			parts.every((part, i) => typeof part === kinds[i])
		) {
			return parts as (string | number)[];
		}
	} catch {
		// Not ours: answered below like any other wrong cursor.
	}
	throw invalid(field, `The '${field}' field is not one that this server gave.`);
}
