/** Colours that are told apart at a glance, as hues; yellows are left out, white words cannot be read on them. */
const HUES = [12, 28, 140, 165, 190, 210, 232, 258, 285, 312, 336];

/** The same for the same id, everywhere and for ever. */
export function hueOf(id: string): number {
	// FNV-1a: ids made at one moment differ in little.
	let hash = 0x811c9dc5;
	for (const sign of id) hash = Math.imul(hash ^ (sign.codePointAt(0) ?? 0), 0x01000193);
	return HUES[((hash ^ (hash >>> 15)) >>> 0) % HUES.length] ?? 0;
}

/** At most two signs: of the first and the last word. */
export function initialsOf(name: string): string {
	const words = name
		.trim()
		.split(/[\s_.\-–]+/u)
		.map(word => word.replace(/^[^\p{L}\p{N}\p{Extended_Pictographic}]+/u, ""))
		.filter(word => word !== "");
	const signs = words.length > 1 ? [words[0], words.at(-1)] : words;
	return signs.map(word => firstSign(word ?? "")).join("") || "?";
}

/** What a reader sees as one sign, as an emoji of several code points. */
function firstSign(word: string): string {
	const [first] = new Intl.Segmenter().segment(word);
	return (first?.segment ?? "").toLocaleUpperCase();
}
