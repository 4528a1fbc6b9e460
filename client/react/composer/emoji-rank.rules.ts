/** More than any emoji has of other words that may hold what is looked for. */
const WEIGHT = 30;

/**
 * Of each category, emoji whose names begin with what is looked for come first: the picker counts in how many of an
 * emoji's words it is, so the first word of the name is among them many times.
 */
export function byName<Emoji extends { label: string; tags: string[] }>(emojis: readonly Emoji[]): Emoji[] {
	return emojis.map(emoji => {
		const [first = ""] = emoji.label.split(/[\s:]+/);
		return { ...emoji, tags: [...emoji.tags, ...Array<string>(WEIGHT).fill(first)] };
	});
}
