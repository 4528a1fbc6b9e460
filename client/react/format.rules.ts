/** Times and numbers as a language writes them; all take the present time, so that they can be tested. */

const DAY_MS = 86_400_000;
const formats = new Map<string, Intl.DateTimeFormat>();
const FORMATS_MAX = 64;

/** Making a format is dear, and a list asks for the same few. */
function format(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
	const key = locale + JSON.stringify(options);
	const known = formats.get(key);
	if (known) return known;
	if (formats.size >= FORMATS_MAX) formats.clear();
	const made = new Intl.DateTimeFormat(locale, options);
	formats.set(key, made);
	return made;
}

/** Days of the calendar between two times, as they are where the reader is: 1 for yesterday. */
export function daysBetween(earlier: number, later: number): number {
	const noon = (time: number) => {
		const day = new Date(time);
		return Date.UTC(day.getFullYear(), day.getMonth(), day.getDate());
	};
	return Math.round((noon(later) - noon(earlier)) / DAY_MS);
}

/** As `14:05`. */
export function clockTime(time: number, locale: string): string {
	return format(locale, { timeStyle: "short" }).format(time);
}

/** All of it, for those who want to know exactly. */
export function fullTime(time: number, locale: string): string {
	return format(locale, { dateStyle: "full", timeStyle: "short" }).format(time);
}

/** The name of a day: today, yesterday, a weekday within the week, else a date; the year where it is another. */
export function dayName(time: number, now: number, locale: string): string {
	const days = daysBetween(time, now);
	if (days === 0 || days === 1) return upperFirst(relative(locale).format(-days, "day"), locale);
	if (days > 1 && days < 7) return upperFirst(format(locale, { weekday: "long" }).format(time), locale);
	return format(locale, { day: "numeric", month: "long", ...year(time, now) }).format(time);
}

/** Short, for a list: the clock today, then yesterday, the weekday, the date. */
export function shortTime(time: number, now: number, locale: string): string {
	const days = daysBetween(time, now);
	if (days <= 0) return clockTime(time, locale);
	if (days === 1) return upperFirst(relative(locale).format(-1, "day"), locale);
	if (days < 7) return upperFirst(format(locale, { weekday: "short" }).format(time), locale);
	return format(
		locale,
		"year" in year(time, now) ? { dateStyle: "short" } : { day: "numeric", month: "short" },
	).format(time);
}

/** As `5 minutes ago`, `yesterday`, `in 2 hours`; a date beyond a week. */
export function relativeTime(time: number, now: number, locale: string): string {
	const minutes = Math.round((time - now) / 60_000);
	const days = -daysBetween(time, now);
	if (Math.abs(minutes) < 60) return relative(locale).format(minutes, "minute");
	if (Math.abs(minutes) < 12 * 60 || days === 0)
		return relative(locale).format(Math.round(minutes / 60), "hour");
	if (Math.abs(days) < 7) return relative(locale).format(days, "day");
	return format(locale, { day: "numeric", month: "long", ...year(time, now) }).format(time);
}

/** Of a badge: beyond 999 it is `999+`. */
export function badge(n: number, locale: string): string {
	const number = new Intl.NumberFormat(locale);
	return n > 999 ? `${number.format(999)}+` : number.format(n);
}

function year(time: number, now: number): { year?: "numeric" } {
	return new Date(time).getFullYear() === new Date(now).getFullYear() ? {} : { year: "numeric" };
}

const relatives = new Map<string, Intl.RelativeTimeFormat>();

function relative(locale: string): Intl.RelativeTimeFormat {
	const known = relatives.get(locale) ?? new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
	if (relatives.size < FORMATS_MAX) relatives.set(locale, known);
	return known;
}

function upperFirst(text: string, locale: string): string {
	const [first = "", ...rest] = text;
	return first.toLocaleUpperCase(locale) + rest.join("");
}
