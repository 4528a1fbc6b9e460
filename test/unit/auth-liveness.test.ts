import { expect, test } from "@jest/globals";
import { Liveness } from "../../services/auth/liveness.ts";

function scene() {
	const live = new Set(["s1", "s2"]);
	const asked: string[][] = [];
	let now = 0;
	let hold: Promise<void> = Promise.resolve();
	const liveness = new Liveness(
		async ids => {
			asked.push(ids);
			const found = ids.filter(id => live.has(id)).map(id => ({ id, userId: "u", username: "ann" }));
			await hold;
			return found;
		},
		() => now,
	);
	return {
		live,
		asked,
		liveness,
		pass: (ms: number) => {
			now += ms;
		},
		/** The database's answers are on their way until the result is called. */
		delay: () => {
			let release = () => {};
			hold = new Promise(resolve => {
				release = resolve;
			});
			return () => release();
		},
	};
}

test("a session is asked for once in 20 s, and many at once are one query", async () => {
	const { liveness, asked, pass } = scene();
	const ids = ["s1", "s2", "s1", "nobody"];
	const found = await Promise.all(ids.map(id => liveness.of(id)));
	expect(found.map(session => session?.id ?? null)).toEqual(["s1", "s2", "s1", null]);
	expect(asked).toEqual([["s1", "s2", "nobody"]]);
	await Promise.all(ids.map(id => liveness.of(id)));
	expect(asked).toHaveLength(1);
	pass(20_000);
	await liveness.of("s1");
	expect(asked).toHaveLength(2);
});

test("T4: an end is known within 30 s though the hint is lost", async () => {
	const { liveness, live, pass } = scene();
	await liveness.of("s1");
	live.delete("s1");
	pass(29_000);
	expect(await liveness.of("s1")).toBeNull();
});

test("T4: an end that is told is believed at once, and for longer than an old answer may take", async () => {
	const { liveness, delay } = scene();
	expect(await liveness.of("s1")).not.toBeNull();
	const release = delay();
	const underWay = liveness.of("s2");
	await new Promise(resolve => setImmediate(() => setImmediate(resolve)));
	liveness.end(["s1", "s2"]);
	release();
	expect(await underWay).toBeNull();
	expect(await liveness.of("s1")).toBeNull();
	expect(await liveness.of("s2")).toBeNull();
});

test("a database that does not answer is told to who asks, and asked again", async () => {
	let away = true;
	const liveness = new Liveness(async ids => {
		if (away) throw new Error("away");
		return ids.map(id => ({ id, userId: "u", username: "ann" }));
	});
	await expect(liveness.of("s1")).rejects.toThrow("away");
	away = false;
	expect(await liveness.of("s1")).not.toBeNull();
});
