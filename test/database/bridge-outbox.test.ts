/** What the relay asks of an outbox that has grown since PostgreSQL planned for it. */
import "../support/env.ts";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { newId } from "../../lib/ids.ts";
import { Leases } from "../../services/kafka-bridge/relay/leases.ts";
import { OutboxStore } from "../../services/kafka-bridge/relay/outbox.store.ts";
import { testBroker } from "../support/broker.ts";
import { countOf } from "../support/events.ts";

const ROWS = 40_000;
const AT_ONCE = 4_000;

let t: Awaited<ReturnType<typeof testBroker>>;
beforeAll(async () => {
	t = await testBroker();
});
afterAll(() => t.stop());

test("I22: thousands of rows are deleted at once by a plan from when there were few, and no other's rows", async () => {
	const leases = new Leases(t.db, `relay/${newId()}`, 120_000);
	await leases.renew();
	const outbox = new OutboxStore(t.db, leases.owner);
	const held = leases.current();
	const remove = (places: { lane: number; id: number }[]) =>
		outbox.remove(
			places.map(place => ({ ...place, fence: held.find(({ lane }) => lane === place.lane)?.fence ?? 0 })),
		);
	const write = (count: number) =>
		t.db.query<{ lane: number; id: number }>(
			`INSERT INTO ${t.db.t.outbox} (lane, topics, key, event_id, event)
			 SELECT n % 16, '{chat.events}', n::text, gen_random_uuid(), repeat('x', 800) FROM generate_series(1, $1::int) n
			 RETURNING lane, id`,
			[count],
		);
	const few = await write(3);
	await t.db.query(`VACUUM ANALYZE ${t.db.t.outbox}, ${t.db.t.lanes}`);
	await Promise.all(Array.from({ length: 20 }, () => remove(few)));
	const rows = await write(ROWS);
	await remove(rows.slice(0, AT_ONCE));
	expect(await countOf(t.db, t.db.t.outbox)).toBe(ROWS - AT_ONCE);
	await outbox.remove(rows.slice(AT_ONCE).map(row => ({ ...row, fence: -1 })));
	const other = new OutboxStore(t.db, "another");
	await other.remove(rows.slice(AT_ONCE).map(row => ({ ...row, fence: held[0]?.fence ?? 0 })));
	expect(await countOf(t.db, t.db.t.outbox)).toBe(ROWS - AT_ONCE);
	await leases.release();
}, 60_000);
