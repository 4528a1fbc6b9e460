/**
 * The JSON of what is told in several places at once (the outbox, the sockets of a room, the acknowledgement), made
 * once. Kept by identity, for as long as the value lives: what has a text must not change any more, and a copy of it
 * has none.
 */
const texts = new WeakMap<object, string>();

/** Makes the text, and keeps it. */
export function keepText(value: object): string {
	const text = texts.get(value) ?? JSON.stringify(value);
	texts.set(value, text);
	return text;
}

/** The text that is kept, or one made for now. */
export function textOf(value: unknown): string {
	if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
	return texts.get(value) ?? JSON.stringify(value);
}

/** An object whose values may have texts. */
export function textWith(value: object): string {
	const fields = Object.entries(value).filter(([, inner]) => inner !== undefined);
	return `{${fields.map(([name, inner]) => `${JSON.stringify(name)}:${textOf(inner)}`).join(",")}}`;
}
