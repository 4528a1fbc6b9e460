/** Whether Parley has become much slower, beside bare Socket.IO in the same run. `docs/load.md` says how. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { BOUNDS } from "../../load/bench/bounds.rules.ts";
import type { SmallResult } from "../../load/bench/small.ts";

const ROOT = path.join(import.meta.dirname, "../..");
const FILE = path.join(ROOT, "load/results/bench-small.json");

describe("beside bare Socket.IO, with everything on", () => {
	let result: SmallResult & { at: string };
	const startedAt = new Date().toISOString();

	beforeAll(async () => {
		// A process of its own, as outside of tests: what drives the clients must not be slower here.
		const bench = spawn(process.execPath, ["load/bench/bench.ts", "--small"], {
			cwd: ROOT,
			stdio: ["ignore", 2, 2],
			// It measures a PostgreSQL of its own.
			env: { ...process.env, TEST_DATABASE_URL: "" },
		});
		await once(bench, "exit");
		result = JSON.parse(readFileSync(FILE, "utf8"));
		expect(result.at > startedAt).toBe(true);
	});

	test("a node that is kept busy loses nothing, doubles nothing and keeps the order", () => {
		expect(result.wrong).toEqual([]);
	});

	test.each(BOUNDS.map(({ scenario }) => scenario))(
		"%s: a delivery costs no more than gross loss allows",
		name => {
			const row = result.rows.find(({ scenario }) => scenario === name);
			expect(row).toMatchObject({ isLost: false });
		},
	);
});
