import type { UserCard } from "@parley/client";

/** Suggestions shown at a time. */
export const SUGGESTIONS_MAX = 8;

/** The `@word` that the caret stands in. */
export interface Query {
	/** Where its `@` stands. */
	from: number;
	/** Without the `@`. */
	text: string;
}

const BEFORE_CARET = /(?:^|[^\p{L}\p{N}_@./])@([\p{L}\p{N}_.-]{0,32})$/u;

/** What is being completed at `caret`; null where no mention is begun. */
export function queryAt(text: string, caret: number): Query | null {
	const found = BEFORE_CARET.exec(text.slice(Math.max(0, caret - 34), caret));
	if (!found) return null;
	const typed = found[1] ?? "";
	return { from: caret - typed.length - 1, text: typed };
}

/** Members whom a query may mean, the likeliest first: by the begin of a username, of a name, of a word in it, then within. */
export function suggest(users: readonly UserCard[], query: string, exceptId?: string): UserCard[] {
	const wanted = fold(query);
	return users
		.filter(user => user.id !== exceptId)
		.map(user => ({ user, score: likeness(user, wanted) }))
		.filter(({ score }) => score > 0)
		.sort((a, b) => b.score - a.score || a.user.displayName.localeCompare(b.user.displayName))
		.slice(0, SUGGESTIONS_MAX)
		.map(({ user }) => user);
}

function likeness({ username, displayName }: UserCard, wanted: string): number {
	const name = fold(displayName);
	if (fold(username) === wanted) return 5;
	if (fold(username).startsWith(wanted)) return 4;
	if (name.startsWith(wanted)) return 3;
	if (name.split(/[\s.-]+/).some(word => word.startsWith(wanted))) return 2;
	return fold(username).includes(wanted) ? 1 : 0;
}

/** "Zoë" is found by "zoe". */
const fold = (text: string) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

/** The text with the query replaced by a whole mention, and where the caret goes. */
export function complete(text: string, query: Query, username: string): { text: string; caret: number } {
	const rest = text.slice(query.from + 1 + query.text.length);
	const mention = `@${username}${/^\s/.test(rest) ? "" : " "}`;
	const caret = query.from + mention.length + (mention.endsWith(" ") ? 0 : 1);
	return { text: text.slice(0, query.from) + mention + rest, caret };
}

/** Ids of those whose `@username` stands in the text, `max` at most. */
export function mentionedIn(text: string, users: readonly UserCard[], max: number): string[] {
	const byName = new Map(users.map(user => [user.username.toLowerCase(), user.id]));
	const found = new Set<string>();
	for (const [, typed = ""] of text.matchAll(/(?<![\p{L}\p{N}_@])@([a-z0-9_.-]{1,33})/giu)) {
		let name = typed.toLowerCase();
		while (!byName.has(name) && /[._-]$/.test(name)) name = name.slice(0, -1);
		const id = byName.get(name);
		if (id !== undefined && found.size < max) found.add(id);
	}
	return [...found];
}
