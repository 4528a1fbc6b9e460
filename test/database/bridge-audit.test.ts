/** The audit log shows every change to it. */
import "../support/env.ts";

import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type ChainedRow, hashOf } from "../../lib/audit/chain.ts";
import { verifyAudit } from "../../lib/audit/verify.ts";
import bridgeService from "../../services/kafka-bridge/kafka-bridge.service.ts";
import { testBroker } from "../support/broker.ts";
import { countOf, eventually, givenGroup, sendSome } from "../support/events.ts";
import { figure, inWords } from "../support/figure.ts";

let t: Awaited<ReturnType<typeof testBroker>>;
beforeAll(async () => {
	t = await testBroker({ ...bridgeService, settings: { ...bridgeService.settings, pollEveryMs: 50 } });
	const ann = await t.user();
	for (let i = 0; i < 3; i++) await sendSome(t.db, await givenGroup(t.db, [ann]), ann, 700);
	await eventually(async () => (await countOf(t.db, t.db.t.audit)) === 2_100, 20_000);
});
afterAll(() => t.stop());

/** Does what nobody may, looks, and undoes it. */
async function tampered(sql: string, earlier?: Parameters<typeof verifyAudit>[1]) {
	const { audit } = t.db.t;
	await t.db.query(`ALTER TABLE ${audit} DISABLE TRIGGER audit_append_only`);
	await t.db.query(`CREATE TABLE ${t.db.schema}.kept AS SELECT * FROM ${audit}`);
	await t.db.query(sql);
	const verdict = await verifyAudit(t.db, earlier);
	await t.db.query(`DELETE FROM ${audit}`);
	await t.db.query(`INSERT INTO ${audit} SELECT * FROM ${t.db.schema}.kept`);
	await t.db.query(`DROP TABLE ${t.db.schema}.kept`);
	await t.db.query(`ALTER TABLE ${audit} ENABLE TRIGGER audit_append_only`);
	return verdict.broken;
}

const aChain = async () =>
	(await t.db.query<{ chain: string }>(`SELECT chain FROM ${t.db.t.audit} ORDER BY chain LIMIT 1`))[0]
		?.chain ?? "";

test("I29: the log as it was written is right from end to end", async () => {
	const verdict = await verifyAudit(t.db);
	expect(verdict).toMatchObject({ rows: 2_100, broken: [] });
	expect(verdict.heads.reduce((sum, { n }) => sum + n, 0)).toBe(2_100);
});

test("I29: an edited, a deleted, a moved row is found, with its number", async () => {
	const chain = await aChain();
	const where = `chain = '${chain}' AND n`;
	const { audit } = t.db.t;
	const found: string[] = [];
	const first = async (what: string, sql: string) => {
		const rows = (await tampered(sql)).map(({ n }) => n);
		if (rows.length === 1) found.push(`${what} at ${rows[0]}`);
		return rows;
	};

	expect(
		await first("edited", `UPDATE ${audit} SET event = replace(event, 'hello', 'hullo') WHERE ${where} = 7`),
	).toEqual([7]);
	expect(await first("edited", `UPDATE ${audit} SET at = at + interval '1 s' WHERE ${where} = 500`)).toEqual([
		500,
	]);
	expect(await first("deleted", `DELETE FROM ${audit} WHERE ${where} = 20`)).toEqual([21]);
	expect(await first("deleted", `DELETE FROM ${audit} WHERE ${where} = 1`)).toEqual([2]);
	expect(
		await first(
			"moved",
			`UPDATE ${audit} SET n = CASE n WHEN 30 THEN -30 WHEN 31 THEN 30 ELSE n END WHERE ${where} IN (30, 31);
			UPDATE ${audit} SET n = 31 WHERE ${where} = -30`,
		),
	).toEqual([30]);
	figure("I29", `of ${inWords(await countOf(t.db, audit))} rows, found by number: ${found.join(", ")}`);
});

test("I29: a row that was edited together with its own hash is found by the next one", async () => {
	const chain = await aChain();
	const [row] = await t.db.query<ChainedRow>(
		`SELECT chain, n, event_id AS "eventId", event, at, previous_hash AS "previousHash"
		 FROM ${t.db.t.audit} WHERE chain = $1 AND n = 9`,
		[chain],
	);
	const hash = hashOf({ ...(row as ChainedRow), event: "{}" });
	const broken = await tampered(
		`UPDATE ${t.db.t.audit} SET event = '{}', hash = '${hash}' WHERE chain = '${chain}' AND n = 9`,
	);
	expect(broken).toMatchObject([{ chain, n: 10 }]);
});

test("I29: an end that was cut off is found by the heads of an earlier look", async () => {
	const { heads } = await verifyAudit(t.db);
	const [head] = heads;
	const broken = await tampered(`DELETE FROM ${t.db.t.audit} WHERE chain = '${head?.chain}' AND n > 600`, {
		earlier: heads,
	});
	expect(broken).toMatchObject([{ chain: head?.chain, n: 601 }]);
});

test("the server itself cannot change or delete a row", async () => {
	for (const sql of ["UPDATE audit SET at = now()", "DELETE FROM audit", "TRUNCATE audit"])
		await expect(t.db.query(sql.replace("audit", t.db.t.audit))).rejects.toThrow("only ever added to");
});

test("npm run audit:verify says so, and ends with 0", () => {
	const run = spawnSync(process.execPath, ["scripts/audit-verify.ts"], {
		encoding: "utf8",
		env: process.env,
	});
	expect(run.stdout).toMatch(/^2100 rows in \d+ chains/);
	expect(run.status).toBe(0);
});
