import { expect, test } from "@jest/globals";
import { Batcher, type BatcherOptions, type Outcome } from "../../lib/batcher.ts";
import { codeOf } from "../../lib/errors.ts";
import { gatherMsAt, gatherMsFor, Pace } from "../../lib/pace.ts";

/** A batcher whose batches end when the test says so. */
function slow(bounds: Omit<BatcherOptions<number, number>, "run">) {
	const batches: { items: number[]; end(outcomes?: Outcome<number>[]): void; fail(err: unknown): void }[] =
		[];
	const batcher = new Batcher<number, number>({
		...bounds,
		run: items =>
			new Promise((resolve, reject) =>
				batches.push({
					items,
					end: (outcomes = items.map(value => ({ value }))) => resolve(outcomes),
					fail: reject,
				}),
			),
	});
	return { batcher, batches };
}

/** One item whose batch has been slow to fail, and one that came while it ran. */
async function slowToFail(more: Partial<BatcherOptions<number, number>> = {}) {
	const { batcher, batches } = slow({ ...bounds, ...more });
	const first = batcher.add(1);
	await turn();
	const behind = batcher.add(2);
	await new Promise(resolve => setTimeout(resolve, 1_050));
	batches[0]?.fail(new Error("no answer"));
	await expect(first).rejects.toThrow("no answer");
	return { batcher, batches, behind };
}

const wait = (ms: number) => new Promise<void>(resolve => setTimeout(resolve, ms));
const turn = () => new Promise<void>(resolve => setImmediate(() => setImmediate(resolve)));
const bounds = { batchMax: 100, queueMax: 100 };

test("what comes in one turn of the event loop is one batch, in order", async () => {
	const { batcher, batches } = slow(bounds);
	const added = [3, 1, 2].map(item => batcher.add(item));
	await turn();
	expect(batches.map(({ items }) => items)).toEqual([[3, 1, 2]]);
	batches[0]?.end();
	expect(await Promise.all(added)).toEqual([3, 1, 2]);
});

test("what comes while a batch runs waits for it, and is the next", async () => {
	const { batcher, batches } = slow(bounds);
	const first = batcher.add(1);
	await turn();
	const later = [batcher.add(2), batcher.add(3)];
	await turn();
	expect(batches).toHaveLength(1);
	batches[0]?.end();
	await first;
	await turn();
	expect(batches[1]?.items).toEqual([2, 3]);
	batches[1]?.end();
	await Promise.all(later);
});

test("a batch has a bound, and what is beyond it comes next", async () => {
	const { batcher, batches } = slow({ batchMax: 2, queueMax: 100 });
	for (const item of [1, 2, 3]) void batcher.add(item);
	await turn();
	batches[0]?.end();
	await turn();
	expect(batches.map(({ items }) => items)).toEqual([[1, 2], [3]]);
});

test("whoever comes to a full queue is sent away at once and told when to come again", async () => {
	const { batcher, batches } = slow({ batchMax: 1, queueMax: 2 });
	const running = batcher.add(0);
	await turn();
	const waiting = [batcher.add(1), batcher.add(2)];
	await expect(batcher.add(3)).rejects.toMatchObject({ type: "UNAVAILABLE", data: { retryAfter: 1 } });
	for (let i = 0; i < 3; i++) {
		batches[i]?.end();
		await turn();
	}
	expect(await Promise.all([running, ...waiting])).toEqual([0, 1, 2]);
});

test("I36: where items wait too long batch after batch, one more is sent away until they no longer do", async () => {
	const { batcher, batches } = slow({ batchMax: 1, queueMax: 100, waitMaxMs: 30 });
	const end = async (i: number) => {
		batches[i]?.end();
		await turn();
	};
	const taken = [0, 1, 2, 3].map(item => batcher.add(item));
	await turn();
	await wait(40);
	// The first to wait that long: the process may have stood still.
	taken.push(batcher.add(4));
	await end(0);
	await expect(batcher.add(5)).rejects.toMatchObject({ type: "UNAVAILABLE", data: { retryAfter: 1 } });
	for (const i of [1, 2, 3]) await end(i);
	// What waits now has only just come.
	taken.push(batcher.add(6));
	for (const i of [4, 5]) await end(i);
	expect(await Promise.all(taken)).toEqual([0, 1, 2, 3, 4, 6]);
});

test("each item has an outcome of its own", async () => {
	const { batcher, batches } = slow(bounds);
	const added = Promise.allSettled([batcher.add(1), batcher.add(2), batcher.add(3)]);
	await turn();
	batches[0]?.end([{ value: 10 }, { error: "no" }]);
	expect(await added).toMatchObject([
		{ value: 10 },
		{ reason: "no" },
		{ reason: { message: "A batch lost one of its items." } },
	]);
});

test("a batch that fails fails for all in it, and the next one runs", async () => {
	const { batcher, batches } = slow(bounds);
	const added = Promise.allSettled([batcher.add(1), batcher.add(2)]);
	await turn();
	batches[0]?.fail("away");
	expect((await added).map(it => (it as PromiseRejectedResult).reason)).toEqual(["away", "away"]);
	const next = batcher.add(3);
	await turn();
	batches[1]?.end();
	expect(await next).toBe(3);
});

test("closing takes nothing more and waits for what was taken", async () => {
	const { batcher, batches } = slow({ batchMax: 1, queueMax: 10 });
	const added = [batcher.add(1), batcher.add(2)];
	let isClosed = false;
	const closed = batcher.close().then(() => {
		isClosed = true;
	});
	expect(codeOf(await batcher.add(3).catch(err => err))).toBe("UNAVAILABLE");
	await turn();
	batches[0]?.end();
	await turn();
	expect(isClosed).toBe(false);
	batches[1]?.end();
	await closed;
	expect(await Promise.all(added)).toEqual([1, 2]);
});

test("who waits behind a batch that was slow to fail hears so at once; behind one that failed at once they have their turn", async () => {
	const { batcher, batches, behind } = await slowToFail({ failsTogether: true });
	await expect(behind).rejects.toThrow("no answer");
	const next = batcher.add(3);
	await turn();
	const last = batcher.add(4);
	batches[1]?.fail(new Error("reset"));
	await expect(next).rejects.toThrow("reset");
	await turn();
	batches[2]?.end();
	expect(await last).toBe(4);
	expect(batches.map(({ items }) => items)).toEqual([[1], [3], [4]]);
});

test("where batches may ask different servers, whoever waits behind one that was slow to fail has their turn", async () => {
	const { batches, behind } = await slowToFail();
	await turn();
	batches[1]?.end();
	expect(await behind).toBe(2);
});

test("a busy process gathers between two batches, but lets the first of a row, and a full one, go at once", async () => {
	let gatherMs = 60_000;
	const { batcher, batches } = slow({ batchMax: 2, queueMax: 100, gatherMs: () => gatherMs });
	const first = batcher.add(1);
	await turn();
	expect(batches.map(({ items }) => items)).toEqual([[1]]);
	const full = [batcher.add(2), batcher.add(3)];
	batches[0]?.end();
	await first;
	await turn();
	expect(batches[1]?.items).toEqual([2, 3]);
	batches[1]?.end();
	await Promise.all(full);
	// Alone, and soon after the last one: it gathers what comes until then.
	gatherMs = 1_000;
	const gathering = batcher.add(4);
	await turn();
	expect(batches).toHaveLength(2);
	const late = batcher.add(5);
	await new Promise<void>(resolve => {
		const timer = setInterval(() => {
			if (batches.length < 3) return;
			clearInterval(timer);
			resolve();
		}, 5);
	});
	expect(batches[2]?.items).toEqual([4, 5]);
	batches[2]?.end();
	await Promise.all([gathering, late]);
});

test("an idle process gathers nothing, and a busy one no longer than its bound", () => {
	expect([0, 0.2, 0.4].map(gatherMsAt)).toEqual([0, 0, 0]);
	const rising = [0.4, 0.5, 0.6, 0.75, 0.8, 0.9, 0.93].map(gatherMsAt);
	expect(rising).toEqual(rising.toSorted((a, b) => a - b));
	expect(new Set(rising).size).toBe(rising.length);
	expect([0.8, 0.93, 1].map(gatherMsAt)).toEqual([20, 80, 80]);
	expect(new Pace().gatherMs).toBe(0);
});

class BusyPace extends Pace {
	override get gatherMs(): number {
		return 80;
	}
}

test("what shares no write with others of its chat is not held back for long", () => {
	expect([1, 1.5, 2, 9].map(gatherMsFor)).toEqual([20, 50, 80, 80]);
	const pace = new BusyPace();
	expect(pace.sendsGatherMs).toBe(20);
	for (let batches = 0; batches < 20; batches++) pace.note(300, 40);
	expect(pace.sendsGatherMs).toBe(80);
	for (let batches = 0; batches < 20; batches++) pace.note(40, 40);
	expect(pace.sendsGatherMs).toBeCloseTo(20, 1);
	expect(new Pace().sendsGatherMs).toBe(0);
});
