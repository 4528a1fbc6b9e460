/** `2026-11-21 11:22:33.123456+00`, in any zone and with any or no fraction. */
const IN_UTC = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?\+00$/;

/**
 * A timestamptz as PostgreSQL prints it, as ISO 8601 in UTC with milliseconds; what is no such time stays as it is.
 * In UTC, as all connections of ours are, it is only cut, since a page of messages holds a hundred of them.
 */
export function isoTime(text: string): string {
	const [, day, time, fraction = ""] = IN_UTC.exec(text) ?? [];
	if (day && time) return `${day}T${time}.${fraction.padEnd(3, "0").slice(0, 3)}Z`;
	const at = Date.parse(text.replace(" ", "T").replace(/([+-]\d\d)$/, "$1:00"));
	return Number.isNaN(at) ? text : new Date(at).toISOString();
}
