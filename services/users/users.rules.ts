import { isDeepStrictEqual } from "node:util";
import { isStorable } from "../../contracts/fields.ts";
import { LIMITS } from "../../contracts/limits.ts";

/** Text of somebody else's as one line that can be stored and shown, cut where no character breaks. */
export function cleanLine(text: string, max: number): string {
	const line = text
		.toWellFormed()
		.replace(/[\p{Cc}\s]+/gu, " ")
		.trim();
	return line
		.slice(0, max)
		.replace(/[\uD800-\uDBFF]$/, "")
		.trim();
}

/** As much of a text as a username may hold. */
function slug(text: string): string {
	return text
		.toWellFormed()
		.normalize("NFKD")
		.toLowerCase()
		.replace(/\p{M}+/gu, "")
		.replace(/[^a-z0-9_.-]+/g, ".")
		.replace(/\.{2,}/g, ".")
		.slice(0, LIMITS.usernameMax)
		.replace(/^[._-]+|[._-]+$/g, "");
}

const isLongEnough = (name: string) => name.length >= LIMITS.usernameMin;

/**
 * Usernames for a user of a foreign issuer, to be tried in this order: from their name or else from their subject,
 * then with a suffix.
 * @param suffixes what to set behind it where it is taken
 */
export function usernameCandidates(
	name: string | undefined,
	subject: string,
	suffixes: readonly string[],
): string[] {
	const base = [slug((name ?? "").slice(0, 200)), slug(subject), "user"].find(isLongEnough) as string;
	const withSuffix = (suffix: string) => `${base.slice(0, LIMITS.usernameMax - suffix.length - 1)}-${suffix}`;
	return [base, ...suffixes.map(withSuffix)];
}

/** What is shown of a user of a foreign issuer. */
export function displayNameOf(name: string | undefined, username: string): string {
	return cleanLine(name ?? "", LIMITS.displayNameMax) || username;
}

/** An issuer's picture, where it is an address that our own users might have given. */
export function avatarOf(picture: string | undefined): string | null {
	if (!picture || picture.length > LIMITS.urlMax || !isStorable(picture)) return null;
	return /^https?:\/\/[^\s]+$/i.test(picture) ? picture : null;
}

/** The LIKE patterns for names, or words of them, that begin with a text; empty where it says nothing. */
export function searchPatterns(search: string): string[] {
	const text = search.trim().replace(/\s+/g, " ");
	if (text === "") return [];
	const prefix = `${text.replace(/[\\%_]/g, "\\$&")}%`;
	// `search` is the username, a space, and the display name: no username has a space.
	return text.includes(" ") ? [`% ${prefix}`] : [prefix, `% ${prefix}`];
}

/** What a user may change of themselves. */
export interface Profile {
	displayName: string;
	avatarUrl: string | null;
	metadata: Record<string, unknown>;
}

/** What is undefined stays; null is a value for the picture only. */
export interface ProfileEdit {
	displayName?: string | null;
	avatarUrl?: string | null;
	metadata?: Record<string, unknown> | null;
}

/** The profile after an edit, or null where nothing is new. */
export function withEdit(before: Profile, edit: ProfileEdit): Profile | null {
	const after = {
		displayName: edit.displayName ?? before.displayName,
		avatarUrl: edit.avatarUrl === undefined ? before.avatarUrl : edit.avatarUrl,
		metadata: edit.metadata ?? before.metadata,
	};
	const { displayName, avatarUrl, metadata } = before;
	return isDeepStrictEqual(after, { displayName, avatarUrl, metadata }) ? null : after;
}

/** A user to be made, under a name that may prove to be taken. */
export type Proposal = Pick<Profile, "displayName" | "avatarUrl">;
