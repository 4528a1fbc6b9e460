/** What the README tells a newcomer to paste, word for word but for the address: here the node has a port of its own. */
import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type ParleyNode, startNode } from "../support/nodes.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const README = readFileSync(join(ROOT, "README.md"), "utf8");
const START_MS = 90_000;
const EXAMPLE_MS = 60_000;

/** The two shells that people have; each is tried where it is there. */
const SHELLS = ["bash", "zsh"].filter(shell => !spawnSync(shell, ["-c", "true"]).error);

let node: ParleyNode;
const dataDir = mkdtempSync(join(tmpdir(), "parley-readme-"));

beforeAll(async () => {
	node = await startNode({ CHAT_DATA_DIR: dataDir, CHAT_RATE_LIMITS: "on", CHAT_LOG_PRETTY: "on" });
}, START_MS);

afterAll(async () => {
	await node?.stop();
	rmSync(dataDir, { recursive: true, force: true });
}, START_MS);

/** The code block behind a marker. */
function block(name: string): string {
	const [, text] = README.match(new RegExp(`<!-- ${name} -->\\n\`\`\`\\w*\\n([\\s\\S]*?)\`\`\``)) ?? [];
	if (text === undefined) throw new Error(`The README has no block ${name}.`);
	return text;
}

/** Runs a block in a shell, in the clone, and answers with the lines that it printed. */
function run(shell: string, text: string): Promise<string[]> {
	const script = text.replaceAll("http://127.0.0.1:3000", node.url);
	// What a terminal would have: no colours, and no proxy between this machine and itself.
	const env = {
		...process.env,
		NO_COLOR: "1",
		NODE_OPTIONS: "",
		NO_PROXY: "127.0.0.1",
		no_proxy: "127.0.0.1",
	};
	return new Promise((resolve, reject) => {
		execFile(shell, ["-c", script], { cwd: ROOT, env, timeout: EXAMPLE_MS }, (err, stdout, stderr) => {
			if (err || stderr) reject(new Error(`${shell} failed:\n${stdout}${stderr}`));
			else resolve(linesOf(stdout));
		});
	});
}

const linesOf = (text: string) => text.trimEnd().split("\n");

test("there is a shell to try the examples in", () => {
	expect(SHELLS.length).toBeGreaterThan(0);
});

describe.each(SHELLS)("pasted into %s", shell => {
	test(
		"the example with curl prints what the README shows, and again when it is pasted again",
		async () => {
			const shown = linesOf(block("transcript:curl"));
			expect(await run(shell, block("example:curl"))).toEqual(shown);
			expect(await run(shell, block("example:curl"))).toEqual(shown);
		},
		2 * EXAMPLE_MS,
	);

	test(
		"the example with socket.io-client prints what the README shows",
		async () => {
			// It goes on in the shell of the first. Who of the two prints first is not certain, what they say is.
			const lines = await run(shell, block("example:curl") + block("example:socket"));
			const said = lines.slice(linesOf(block("transcript:curl")).length);
			expect(said.sort()).toEqual(linesOf(block("transcript:socket")).sort());
		},
		EXAMPLE_MS,
	);
});

test("a start says what the README shows", () => {
	const shape = (text: string) =>
		linesOf(text).map(line =>
			line.replace(/[\d.]+ s at/, "… s at").replace(/PostgreSQL in \S+/, "PostgreSQL in …"),
		);
	const printed = node.output().replaceAll(node.url, "http://127.0.0.1:3000");
	expect(shape(printed.slice(printed.indexOf("Parley is ready")))).toEqual(shape(block("transcript:start")));
});
