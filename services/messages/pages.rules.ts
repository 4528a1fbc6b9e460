/** Which places of a chat's log a page shows. `seq` is dense, so a page is a range. */
import { LIMITS } from "../../contracts/limits.ts";
import { invalid } from "../../lib/errors.ts";

export interface PageWanted {
	before?: number | null;
	after?: number | null;
	around?: number | null;
	limit?: number | null;
}

/** From and to are shown; a range whose `from` is beyond its `to` is empty. */
export interface PageRange {
	from: number;
	to: number;
	/** The `seq` to pass as the same parameter, or null at the end. */
	nextCursor: string | null;
}

export interface Places {
	/** Null for as many as there are, up to the limit, before the last. */
	first: number | null;
	last: number;
	limit: number;
}

/** Whether it is the page that an opened chat begins with. */
export const isNewestPage = ({ before, after, around, limit }: PageWanted): boolean =>
	(before ?? after ?? around ?? null) === null && (limit ?? 0) <= LIMITS.pageDefault;

/** What to read for a page before the chat's end is known; `pageRange` says what of it is shown. */
export function placesOf({ before, after, around, limit: given }: PageWanted): Places {
	const limit = given ?? LIMITS.pageDefault;
	const from = (first: number) => ({ first, last: first + limit - 1, limit });
	if (typeof after === "number") return from(after + 1);
	if (typeof around === "number") return from(around - Math.floor(limit / 2));
	return { first: null, last: typeof before === "number" ? before - 1 : Number.MAX_SAFE_INTEGER, limit };
}

/** @throws VALIDATION_ERROR where more than one place is named */
export function pageRange(wanted: PageWanted, lastSeq: number): PageRange {
	const { before, after, around } = wanted;
	const named = (["before", "after", "around"] as const).filter(name => typeof wanted[name] === "number");
	if (named[1])
		throw invalid(named[1], `The fields ${named.map(it => `'${it}'`).join(" and ")} exclude each other.`);
	const limit = wanted.limit ?? LIMITS.pageDefault;
	if (typeof after === "number") return newer(after + 1, limit, lastSeq, to => to);
	if (typeof around === "number") {
		const older = Math.floor(limit / 2);
		return newer(around - older, limit, lastSeq, to => to + 1 + older);
	}
	const to = Math.min(before ?? Number.POSITIVE_INFINITY, lastSeq + 1) - 1;
	const from = Math.max(1, to - limit + 1);
	return { from, to, nextCursor: from > 1 && from <= to ? String(from) : null };
}

function newer(
	first: number,
	limit: number,
	lastSeq: number,
	cursorAfter: (to: number) => number,
): PageRange {
	const to = Math.min(first + limit - 1, lastSeq);
	return { from: Math.max(1, first), to, nextCursor: to < lastSeq ? String(cursorAfter(to)) : null };
}
