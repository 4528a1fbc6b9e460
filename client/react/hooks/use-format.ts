import { useMemo } from "react";
import { useParley } from "../context.tsx";
import * as format from "../format.rules.ts";
import { useNow } from "./use-now.ts";

/** Times and numbers as the reader's language writes them. Times are ISO 8601 or ms since the epoch. */
export interface Format {
	/** As `14:05`. */
	clock: (time: string | number) => string;
	/** Weekday, date and clock. */
	full: (time: string | number) => string;
	/** `Today`, `Yesterday`, a weekday or a date. */
	day: (time: string | number) => string;
	/** For a list: the clock today, else the day in short. */
	short: (time: string | number) => string;
	/** As `5 minutes ago`. */
	relative: (time: string | number) => string;
	badge: (n: number) => string;
}

export function useFormat(): Format {
	const { locale } = useParley();
	const now = useNow();
	return useMemo(() => {
		const ms = (time: string | number) => (typeof time === "number" ? time : Date.parse(time));
		return {
			clock: time => format.clockTime(ms(time), locale),
			full: time => format.fullTime(ms(time), locale),
			day: time => format.dayName(ms(time), now, locale),
			short: time => format.shortTime(ms(time), now, locale),
			relative: time => format.relativeTime(ms(time), now, locale),
			badge: n => format.badge(n, locale),
		};
	}, [locale, now]);
}
