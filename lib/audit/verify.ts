/** Looks through the audit log from end to end, in pages: every chain from its first row, in order. */
import type { Database } from "../database.ts";
import { type BrokenRow, type ChainedRow, type ChainHead, flawOf, GENESIS } from "./chain.ts";

const PAGE = 1_000;

export interface Verdict {
	rows: number;
	/** The first bad row of each chain that has one. */
	broken: BrokenRow[];
	/** How far each chain is right. */
	heads: ChainHead[];
}

export interface VerifyOptions {
	/** Heads of an earlier look: a chain that was cut off since no longer reaches them. */
	earlier?: readonly ChainHead[];
	/** Told after each page. */
	onProgress?(rows: number, chain: string): void;
}

export async function verifyAudit(db: Database, options: VerifyOptions = {}): Promise<Verdict> {
	const { earlier = [], onProgress } = options;
	const found = await db.query<{ chain: string }>(`SELECT DISTINCT chain FROM ${db.t.audit}`);
	const chains = new Set([...found, ...earlier].map(({ chain }) => chain));
	const verdict: Verdict = { rows: 0, broken: [], heads: [] };
	for (const chain of [...chains].sort()) {
		const known = earlier.find(head => head.chain === chain) ?? null;
		const { head, broken } = await verifyChain(db, chain, known, rows => {
			verdict.rows += rows;
			onProgress?.(verdict.rows, chain);
		});
		if (broken) verdict.broken.push(broken);
		if (head.n > 0) verdict.heads.push(head);
	}
	return verdict;
}

async function verifyChain(
	db: Database,
	chain: string,
	earlier: ChainHead | null,
	onPage: (rows: number) => void,
): Promise<{ head: ChainHead; broken: BrokenRow | null }> {
	let head: ChainHead = { chain, n: 0, hash: GENESIS };
	// From before the first place: a row may have been moved there.
	let after = Number.MIN_SAFE_INTEGER;
	for (;;) {
		const rows = await page(db, chain, after);
		for (const row of rows) {
			const why = flawOf(row, head) ?? unlike(earlier, row);
			if (why) return { head, broken: { chain, n: row.n, why } };
			head = { chain, n: row.n, hash: row.hash };
			after = row.n;
		}
		onPage(rows.length);
		if (rows.length < PAGE) break;
	}
	const cut = earlier !== null && head.n < earlier.n;
	return { head, broken: cut ? { chain, n: head.n + 1, why: `the rows up to ${earlier.n} are gone` } : null };
}

function unlike(earlier: ChainHead | null, row: { n: number; hash: string }): string | null {
	const changed = earlier !== null && row.n === earlier.n && row.hash !== earlier.hash;
	return changed ? "the chain up to here was written anew" : null;
}

function page(db: Database, chain: string, after: number): Promise<(ChainedRow & { hash: string })[]> {
	return db.query(
		`SELECT chain, n, event_id AS "eventId", event, at, previous_hash AS "previousHash", hash
		 FROM ${db.t.audit} WHERE chain = $1 AND n > $2 ORDER BY n LIMIT ${PAGE}`,
		[chain, after],
		"verify-audit",
	);
}
