/** What is built anew, and what is left alone. */
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, beforeEach, expect, test } from "@jest/globals";
import { buildAndStamp, isFresh } from "../../scripts/build/fresh.ts";
import { ROOT, type Target } from "../../scripts/build/targets.ts";
import { CLIENT_BYTES_MAX } from "../../scripts/check/size.ts";

const made: string[] = [];
let folder: string;
let target: Target;
let built: number;

beforeEach(() => {
	const name = `test-${randomBytes(6).toString("hex")}`;
	folder = join(ROOT, ".cache", name);
	made.push(folder, join(ROOT, ".cache/build", `${name}.json`));
	mkdirSync(folder, { recursive: true });
	built = 0;
	target = {
		name,
		sources: [relative(ROOT, join(folder, "*.ts"))],
		result: relative(ROOT, join(folder, "result.js")),
		async build() {
			built++;
			writeFileSync(join(folder, "result.js"), "");
		},
	};
	source("a.ts", "a");
	source("b.ts", "b");
});
afterAll(() => {
	for (const path of made) rmSync(path, { recursive: true, force: true });
});

/** Files of the past, as those of a clone are. */
function source(name: string, text: string, changedAt = 1_000): void {
	writeFileSync(join(folder, name), text);
	utimesSync(join(folder, name), changedAt, changedAt);
}

test("what was never built, or whose result is gone, is not fresh", async () => {
	expect(isFresh(target)).toBe(false);
	await buildAndStamp(target);
	expect([isFresh(target), built]).toEqual([true, 1]);
	rmSync(join(folder, "result.js"));
	expect(isFresh(target)).toBe(false);
});

test("a source that was touched and is the same leaves it fresh; changed, added or gone it does not", async () => {
	await buildAndStamp(target);
	const later = Date.now() / 1_000 + 60;
	source("a.ts", "a", later);
	expect(isFresh(target)).toBe(true);
	source("a.ts", "changed", later);
	expect(isFresh(target)).toBe(false);
	await buildAndStamp(target);
	source("c.ts", "c");
	expect(isFresh(target)).toBe(false);
	await buildAndStamp(target);
	rmSync(join(folder, "c.ts"));
	expect(isFresh(target)).toBe(false);
});

test("a source that changes while it is built makes the result stale", async () => {
	const { build } = target;
	target.build = async () => {
		source("a.ts", "changed meanwhile", Date.now() / 1_000 + 1);
		await build();
	};
	await buildAndStamp(target);
	expect(isFresh(target)).toBe(false);
});

test("what failed is not taken for built", async () => {
	target.build = () => Promise.reject(new Error("no"));
	await expect(buildAndStamp(target)).rejects.toThrow("no");
	expect(isFresh(target)).toBe(false);
});

test("a client over its budget is told by how much, and what older platforms lack", async () => {
	const entry = join(mkdtempSync(join(tmpdir(), "parley-size-")), "index.ts");
	made.push(join(entry, ".."));
	const client = (value: string) => writeFileSync(entry, `import "socket.io-client";\n${value}\n`);
	const noise = randomBytes(CLIENT_BYTES_MAX).toString("base64");
	// What an app does not import costs it nothing.
	client(`export const createClient: number = 1;\nexport const noise = "${noise}";`);
	expect(await sizeOf(entry)).toMatch(
		new RegExp(`^@parley/client has \\d{2} of at most ${CLIENT_BYTES_MAX} bytes.*\\n$`),
	);
	client(`export const createClient = "${noise}";`);
	expect(await sizeOf(entry)).toMatch(/is \d+ bytes too large/);
	client(`export const createClient = (all: number[]) => [all.toSorted(), Map.groupBy(all, n => n)];`);
	expect(await sizeOf(entry)).toMatch(/needs more than ES2022: \.toSorted\(, groupBy\./);
}, 60_000);

/** In a process of its own: the bundler's native part takes no objects of Jest's realm. */
function sizeOf(entry: string): Promise<string> {
	const code = `const { sizeOfClient } = await import("./scripts/check/size.ts");
		process.stdout.write(await sizeOfClient(console.log, ${JSON.stringify(entry)}));`;
	return new Promise((resolve, reject) => {
		const options = { cwd: ROOT, env: { PATH: process.env.PATH } };
		execFile(process.execPath, ["--input-type=module", "-e", code], options, (err, stdout) =>
			err ? reject(err) : resolve(stdout),
		);
	});
}
