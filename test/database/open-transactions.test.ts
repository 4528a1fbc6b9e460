/** What a node leaves open in PostgreSQL when it freezes. */
import "../support/env.ts";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { acquireDatabase, releaseDatabase } from "../../mixins/database.ts";

const LOCK = 7_340_026;

let db: Awaited<ReturnType<typeof acquireDatabase>>;
beforeAll(async () => {
	db = await acquireDatabase();
});
afterAll(() => releaseDatabase());

test("I26 and I34: a transaction that is left open is ended before those give up who wait for its locks", async () => {
	const locks = Promise.withResolvers<void>();
	const thaws = Promise.withResolvers<void>();
	const left = db.tx(async query => {
		await query("SELECT pg_advisory_xact_lock($1)", [LOCK]);
		locks.resolve();
		await thaws.promise;
		await query("SELECT 1");
	});
	await locks.promise;
	await db.tx(query => query("SELECT pg_advisory_xact_lock($1)", [LOCK]));
	thaws.resolve();
	await expect(left).rejects.toMatchObject({ type: "UNAVAILABLE" });
}, 30_000);
