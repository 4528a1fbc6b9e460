import { within as inTime } from "../../lib/within.ts";

/** Rejects where a promise takes too long; what it was waiting for goes on unheard. */
export const within = <T>(ms: number, what: string, work: Promise<T>): Promise<T> =>
	inTime(ms, work, () => new Error(`${what} took more than ${ms} ms.`));
