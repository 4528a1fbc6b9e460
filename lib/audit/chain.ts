/** The audit log's hash chain: each row has the hash of the row before, so that none can be changed unnoticed. */
import { createHash } from "node:crypto";

/** What a row's hash is made of. */
export interface ChainedRow {
	chain: string;
	/** Its place in the chain, dense from 1. */
	n: number;
	eventId: string;
	/** The record's text. */
	event: string;
	/** When it happened, ISO 8601 in UTC with milliseconds. */
	at: string;
	previousHash: string;
}

/** The hash before the first row. */
export const GENESIS = "0".repeat(64);

/** SHA-256 in hexadecimal over a JSON array, in which no two different rows have the same text. */
export function hashOf({ chain, n, eventId, event, at, previousHash }: ChainedRow): string {
	const canonical = JSON.stringify([chain, n, eventId, event, at, previousHash]);
	return createHash("sha256").update(canonical).digest("hex");
}

/** How far a chain was right: what another look can be held against. */
export interface ChainHead {
	chain: string;
	n: number;
	hash: string;
}

export interface BrokenRow {
	chain: string;
	n: number;
	why: string;
}

/** What is wrong with a row that follows `head`; null where nothing is. */
export function flawOf(row: ChainedRow & { hash: string }, head: ChainHead): string | null {
	if (row.n !== head.n + 1) return `row ${head.n + 1} is missing, or another stands in its place`;
	if (row.previousHash !== head.hash) return "it does not follow from the row before it";
	return row.hash === hashOf(row) ? null : "its content is not what it was when it was written";
}
