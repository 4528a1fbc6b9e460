/** What "until I unmute it" is on the wire: later than anybody looks. */
const FOR_GOOD = new Date("2099-01-01T00:00:00Z");

export const MUTES = ["hour", "evening", "week", "forGood"] as const;
export type Mute = (typeof MUTES)[number];

const HOURS: Record<Exclude<Mute, "forGood">, number> = { hour: 1, evening: 8, week: 7 * 24 };

export function endOf(mute: Mute, now: number): Date {
	return mute === "forGood" ? FOR_GOOD : new Date(now + HOURS[mute] * 3_600_000);
}

/** Whether a mute is so long that its end need not be named. */
export const isForGood = (until: string): boolean => Date.parse(until) >= FOR_GOOD.getTime();
