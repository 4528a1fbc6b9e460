/**
 * `npm run audit:verify`: looks through the audit log from end to end and names the first bad row of each chain.
 * `--write-heads <file>` keeps how far each chain goes, `--heads <file>` holds the log against it: kept elsewhere, or
 * taken from the topic `audit.log`, it shows also that the end of a chain was cut off.
 */
import "./node/harden.ts";
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import type { ChainHead } from "../lib/audit/chain.ts";
import { explain } from "./node/failure.ts";

const PROGRESS_EVERY_ROWS = 50_000;

try {
	const { values } = parseArgs({
		options: { heads: { type: "string" }, "write-heads": { type: "string" } },
	});
	const earlier: ChainHead[] = values.heads ? JSON.parse(readFileSync(values.heads, "utf8")) : [];
	const { startDatabase } = await import("./node/database.ts");
	const { openDatabase } = await import("../lib/database.ts");
	const { verifyAudit } = await import("../lib/audit/verify.ts");
	const database = await startDatabase(text => console.error(text));
	const db = openDatabase();
	try {
		let next = PROGRESS_EVERY_ROWS;
		const { rows, broken, heads } = await verifyAudit(db, {
			earlier,
			onProgress(done, chain) {
				if (done < next) return;
				next = done + PROGRESS_EVERY_ROWS;
				console.error(`${done} rows, now in ${chain} …`);
			},
		});
		for (const { chain, n, why } of broken) console.log(`${chain}, row ${n}: ${why}.`);
		if (broken.length > 0) process.exitCode = 1;
		else console.log(`${rows} rows in ${heads.length} chains: each follows from the one before it.`);
		if (values["write-heads"] && broken.length === 0)
			writeFileSync(values["write-heads"], `${JSON.stringify(heads, null, "\t")}\n`);
	} finally {
		await db.close();
		await database.stop();
	}
} catch (err) {
	console.error(explain(err));
	process.exitCode = 1;
}
