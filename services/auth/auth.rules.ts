import { isStorable } from "../../contracts/fields.ts";

/** For so long after its exchange a refresh token gives that same pair again: the answer may have been lost. */
export const GRACE_MS = 10_000;

/** Exchanges of the last seconds that a session remembers; more than that is no client. */
export const ROTATIONS_MAX = 32;

const USER_AGENT_MAX = 256;

/** A session as far as its refresh tokens go. Times are ms since the epoch. */
export interface RefreshLine {
	/** The generation of the token that is good now. */
	generation: number;
	/** When the latest generations began, the present one's last: `rotations.at(-1)` exchanged `generation - 1`. */
	rotations: readonly number[];
	expiresAt: number;
	endedAt: number | null;
}

export type Judgement =
	/** It is the present token: it is exchanged now, for the pair of `generation`. */
	| { kind: "exchange"; generation: number; issuedAt: number; rotations: number[] }
	/** It was exchanged just now: the pair of `generation`, which began at `issuedAt`, is given again. */
	| { kind: "repeat"; generation: number; issuedAt: number }
	/** It was exchanged long ago: it has leaked, or its child has. */
	| { kind: "reuse" }
	/** Its session is over, or it is not of this session. */
	| { kind: "dead" };

/** What becomes of a refresh token of `generation`. */
export function judge(line: RefreshLine, generation: number, now: number): Judgement {
	if (line.endedAt !== null || line.expiresAt <= now || generation > line.generation) return { kind: "dead" };
	if (generation === line.generation) {
		const recent = line.rotations.filter(at => now - at <= GRACE_MS).slice(1 - ROTATIONS_MAX);
		return { kind: "exchange", generation: generation + 1, issuedAt: now, rotations: [...recent, now] };
	}
	const exchangedAt = line.rotations.at(generation - line.generation);
	if (exchangedAt === undefined || now - exchangedAt > GRACE_MS) return { kind: "reuse" };
	return { kind: "repeat", generation: generation + 1, issuedAt: exchangedAt };
}

/** Usernames and e-mails are one whatever their case. */
export const canonical = (name: string): string => name.normalize("NFC").toLowerCase();

/** A header that anyone may fill, as text that can be stored and shown. */
export function cleanUserAgent(text: string | undefined): string | null {
	if (!text) return null;
	const clean = text
		.replace(/\p{Cc}/gu, " ")
		.slice(0, USER_AGENT_MAX)
		.toWellFormed()
		.trim();
	return clean && isStorable(clean) ? clean : null;
}
