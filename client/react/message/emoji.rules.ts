/** As many emoji as a message of nothing else may have to be shown large. */
const LARGE_MAX = 3;
/** No three emoji are longer, in UTF-16 units. */
const UNITS_MAX = 64;

const EMOJI = /^\p{RGI_Emoji}$/v;

/** How many emoji a message consists of; 0 where it says anything else, or too much to be shown large. */
export function emojiOnly(content: string): number {
	const text = content.trim();
	if (text === "" || text.length > UNITS_MAX) return 0;
	let count = 0;
	for (const { segment } of new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(text)) {
		if (/^\s+$/.test(segment)) continue;
		if (!EMOJI.test(segment) || ++count > LARGE_MAX) return 0;
	}
	return count;
}

/** What is offered at one touch, before the whole picker. */
export const QUICK_REACTIONS = ["👍", "❤️", "😂", "🎉", "😮", "😢"] as const;
