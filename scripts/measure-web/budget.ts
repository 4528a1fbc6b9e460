/** What the web client may cost whoever opens it: a change that costs more has to be worth it, and raises its line here. */
const KB = 1_000;
const MB = 1_000 * KB;

/** Of built files, in bytes, gzipped as they are sent. `test/web/installed.test.ts` holds them in every run. */
export const SIGN_IN_SCRIPT_MAX = 125 * KB;
/** All that one who is signed in sees first. */
export const MESSENGER_SCRIPT_MAX = 225 * KB;
export const STYLES_MAX = 20 * KB;

export interface Figure {
	what: string;
	unit: "KB" | "ms" | "MB" | "s" | "";
	/** In `unit`; null where it is only told. */
	max: number | null;
}

/** Times are those of a machine with two cores that does the serving as well. */
export const FIGURES = {
	signInScript: { what: "script to the sign-in page, as sent", unit: "KB", max: SIGN_IN_SCRIPT_MAX / KB },
	signInParsed: { what: "script to the sign-in page, unpacked", unit: "KB", max: 400 },
	messengerScript: { what: "script to the messenger, as sent", unit: "KB", max: MESSENGER_SCRIPT_MAX / KB },
	messengerParsed: { what: "script to the messenger, unpacked", unit: "KB", max: 725 },
	firstPaint: { what: "first paint, nothing cached", unit: "ms", max: 1_500 },
	interactive: { what: "a letter is typed, nothing cached", unit: "ms", max: 3_000 },
	firstPaintKept: { what: "first paint, later visit", unit: "ms", max: 1_500 },
	interactiveKept: { what: "a letter is typed, later visit", unit: "ms", max: 3_000 },
	longestOpening: { what: "longest task while it opens", unit: "ms", max: 500 },
	heapOpened: { what: "heap with the chat open", unit: "MB", max: 15 },
	heapGrowth: { what: "most that the heap grew while scrolling", unit: "MB", max: 20 },
	nodesMost: { what: "most DOM nodes while scrolling", unit: "", max: 2_000 },
	longestScrolling: { what: "longest task while scrolling", unit: "ms", max: 1_000 },
	unseen: { what: "messages that were never drawn", unit: "", max: 0 },
	scrolling: { what: "time for all messages", unit: "s", max: null },
} satisfies Record<string, Figure>;

export type Figures = Record<keyof typeof FIGURES, number>;

export const inKb = (bytes: number): number => bytes / KB;
export const inMb = (bytes: number): number => bytes / MB;

/** The figures beyond their budget. What could not be measured is beyond any. */
export function beyond(figures: Figures): (keyof Figures)[] {
	const names = Object.keys(FIGURES) as (keyof Figures)[];
	return names.filter(name => {
		const { max }: Figure = FIGURES[name];
		return Number.isNaN(figures[name]) || (max !== null && figures[name] > max);
	});
}
