/** How the bench finds the highest rate: by what the server carries, not by one stall of the machine. */
import { expect, test } from "@jest/globals";
import { climb } from "../../load/bench/stairs.ts";
import type { Result } from "../../load/bench/tally.ts";

/** A server that carries up to so many messages a second. @param stalls the numbers of the steps that come late all the same */
async function climbed(limit: number, from: number, stalls: number[] = [], more: Partial<Result> = {}) {
	let step = 0;
	const run = async (offered: number): Promise<Result> => {
		step++;
		const late = offered > limit || stalls.includes(step);
		const sent = offered * 4;
		const right = { refused: 0, unanswered: 0, lost: 0, doubled: 0, misordered: 0, ...more };
		const counts = { wanted: sent, sent, acknowledged: sent, delivered: sent, ...right };
		return { offered, ...counts, p50: 5, p99: late ? 300 : 10 + offered / 100, seconds: 4 };
	};
	return climb({ run }, from, 4, () => {}, 0);
}

test("the highest rate that was good twice is found, and half of it measured", async () => {
	const { best, half, steps } = await climbed(1_000, 500);
	expect(best?.offered).toBe(976);
	expect(half?.offered).toBe(488);
	expect(steps.filter(({ offered }) => offered === 976)).toHaveLength(2);
});

test("a first rate that is too high is no end", async () => {
	const { best } = await climbed(1_000, 4_000);
	expect(best?.offered).toBeGreaterThan(1_000 / 1.25);
	expect(best?.offered).toBeLessThanOrEqual(1_000);
});

test.each([
	["on the way up", [2]],
	["twice on the way up", [2, 3]],
	["when the highest is repeated", [8]],
])("a stall %s takes nothing away", async (_, stalls) => {
	const { best } = await climbed(1_000, 500, stalls);
	expect(best?.offered).toBe(976);
});

test("a server that is late three times in a row has its limit there", async () => {
	expect((await climbed(1_000, 500, [2, 3, 4, 5])).best?.offered).toBe(500);
});

test("while a rate is easy two steps are taken at once, and then the one between", async () => {
	const { steps } = await climbed(1_000, 500);
	expect(steps.slice(0, 5).map(({ offered }) => offered)).toEqual([500, 781, 1220, 976, 1220]);
});

test("where the highest is not good again, the one below it counts, with its own figures", async () => {
	const { best } = await climbed(1_000, 500, [8, 9, 10]);
	expect(best).toMatchObject({ offered: 781, delivered: 781 * 4 });
});

test.each(["lost", "doubled", "misordered", "refused", "unanswered"] as const)(
	"%s is never good",
	async what => {
		const { best, steps } = await climbed(1_000, 500, [], { [what]: 1 });
		expect(best).toBeNull();
		expect(steps.length).toBeLessThan(30);
	},
);
