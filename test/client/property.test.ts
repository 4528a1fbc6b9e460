import { afterEach, expect, test } from "@jest/globals";
import fc from "fast-check";
import { differences, storedDifferences } from "../support/agreement.ts";
import { type Deed, deed, World } from "../support/chaos.ts";
import { urls } from "../support/people.ts";

const RUNS = Number(process.env.PARLEY_RUNS ?? 40);
const SEED = Number(process.env.PARLEY_SEED ?? Date.now() % 2 ** 31);
/** So many worlds at a time: they mostly wait. */
const AT_ONCE = Number(process.env.PARLEY_AT_ONCE ?? 6);
const PATIENCE_MS = 40_000;

const open = new Set<World>();
afterEach(async () => {
	await Promise.all([...open].map(world => world.end()));
});

async function play(seed: number, deeds: readonly Deed[]): Promise<void> {
	const world = await World.start(urls()[0] as string, seed);
	open.add(world);
	try {
		for (const it of deeds) await world.do(it);
		world.heal();
		await agrees(world);
		// Away and back with what is stored; not always, as it costs as much as all before.
		if (seed % 4 === 0) {
			for (const device of world.devices) device.reload();
			await agrees(world);
		}
		const truth = await world.truth();
		for (const [index, device] of world.devices.entries())
			expect(await storedDifferences(await device.database(), truth, world.personOf(index))).toEqual([]);
	} finally {
		open.delete(world);
		await world.end();
	}
}

async function agrees(world: World): Promise<void> {
	const deadline = Date.now() + PATIENCE_MS;
	for (let wait = 100; ; wait = Math.min(wait * 2, 500)) {
		const found = await differences(world);
		if (found.length === 0) return;
		if (Date.now() > deadline) throw new Error(`They do not agree:\n${found.join("\n")}`);
		await new Promise(done => setTimeout(done, wait));
	}
}

test(
	"I3 I9 I12 I15: whatever people do over whatever lines, all devices end as the server is, and nothing is sent twice",
	async () => {
		const lanes = Array.from({ length: AT_ONCE }, (_, lane) =>
			fc.assert(
				fc.asyncProperty(fc.integer(), fc.array(deed, { minLength: 1, maxLength: 40, size: "max" }), play),
				{
					numRuns: Math.ceil(RUNS / AT_ONCE),
					seed: SEED + lane,
					endOnFailure: true,
				},
			),
		);
		const failed = (await Promise.allSettled(lanes)).filter(lane => lane.status === "rejected");
		if (failed[0]) throw failed[0].reason;
	},
	RUNS * 5_000 + 60_000,
);
