/** What has ended is collected young: V8 keeps what a Map held whose entries come and go. */
import { randomUUID } from "node:crypto";
import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { BoundedMap } from "../../lib/bounded-map.ts";
import { byIds } from "../../lib/by-ids.ts";
import { InFlight } from "../../lib/in-flight.ts";

interface Changing {
	set(key: number, value: unknown): unknown;
	delete(key: number): unknown;
}

/** What moves in any case, in MB. */
const MOVED_MAX = 5;

let collectYoung: () => void;

beforeAll(() => {
	setFlagsFromString("--expose-gc");
	const gc = runInNewContext("gc") as (options: { type: "minor" }) => void;
	collectYoung = () => gc({ type: "minor" });
});

const oldBytes = (): number =>
	getHeapSpaceStatistics().find(({ space_name }) => space_name === "old_space")?.space_used_size ?? 0;

/** What moved to the old generation while 1,000 entries of 40 KB each came and went, in MB. */
function movedBy(map: Changing): number {
	map.set(-1, {});
	collectYoung();
	collectYoung();
	const before = oldBytes();
	for (let key = 0; key < 1_000; key++) {
		map.set(
			key,
			Array.from({ length: 5_000 }, () => key),
		);
		map.delete(key - 1);
		if (key % 10 === 0) collectYoung();
	}
	return (oldBytes() - before) / 1e6;
}

test("a Map keeps what it held, which is why there is InFlight", () => {
	expect(movedBy(new Map())).toBeGreaterThan(MOVED_MAX);
});

test("what is under way and what is kept by number do not", () => {
	expect(movedBy(new InFlight())).toBeLessThan(MOVED_MAX);
	expect(movedBy(new BoundedMap(100))).toBeLessThan(MOVED_MAX);
});

describe("InFlight", () => {
	test("is a Map, also while entries of before are under way", () => {
		const [map, model] = [new InFlight<number, string>(), new Map<number, string>()];
		for (let i = 0; i < 1_000; i++) {
			map.set(i, `value ${i}`);
			model.set(i, `value ${i}`);
			if (i % 7 === 0) continue;
			expect(map.delete(i - 3)).toBe(model.delete(i - 3));
			expect([map.size, map.has(i - 2), map.get(i - 2)]).toEqual([
				model.size,
				model.has(i - 2),
				model.get(i - 2),
			]);
		}
		map.set(998, "another");
		model.set(998, "another");
		expect([...map.keys()].sort()).toEqual([...model.keys()].sort());
		expect([...map.values()].sort()).toEqual([...model.values()].sort());
		const heard: [number, string][] = [];
		map.forEach((value, key) => void heard.push([key, value]));
		expect(new Map(heard)).toEqual(model);
		map.clear();
		expect(map.size).toBe(0);
	});
});

describe("BoundedMap", () => {
	test("has the newest half at least, and never more than it may", () => {
		const map = new BoundedMap<number, number>(100);
		for (let i = 0; i < 1_000; i++) {
			map.set(i, i);
			const kept = [...map.entries()];
			expect(kept.length).toBeLessThanOrEqual(100);
			for (let j = Math.max(0, i - 49); j <= i; j++) expect(map.get(j)).toBe(j);
		}
		expect(map.get(0)).toBeUndefined();
	});

	test("what is set again is the newest, once, with its last value", () => {
		const map = new BoundedMap<number, number>(4);
		map.set(1, 1);
		map.set(2, 2);
		map.set(3, 3);
		map.set(1, 10);
		map.set(4, 4);
		expect(map.get(1)).toBe(10);
		expect([...map.entries()].filter(([key]) => key === 1)).toEqual([[1, 10]]);
		map.delete(1);
		expect(map.get(1)).toBeUndefined();
		map.clear();
		expect([...map.entries()]).toEqual([]);
	});
});

describe("byIds", () => {
	test("gives what Object.fromEntries does, in the same order", () => {
		const entries: [string, number][] = [
			["b", 1],
			["a", 2],
			["__proto__", 3],
		];
		expect(JSON.stringify(byIds(entries))).toBe(JSON.stringify(Object.fromEntries(entries)));
		expect(Object.entries(byIds(entries))).toEqual(entries);
	});

	test("leaves no hidden classes behind", () => {
		const ids = Array.from({ length: 20 }, () => randomUUID());
		const movedBy = (make: (entries: [string, number][]) => object) => {
			const before = oldBytes();
			for (let i = 0; i < 2_000; i++)
				make(ids.toSorted(() => Math.random() - 0.5).map(id => [id, i] as [string, number]));
			return oldBytes() - before;
		};
		expect(movedBy(Object.fromEntries)).toBeGreaterThan(500_000);
		expect(movedBy(byIds)).toBeLessThan(200_000);
	});
});
