/** The packages as an app gets them: built, imported by name, and with all that they need in their manifests. */
import { execFile } from "node:child_process";
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "@jest/globals";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const BUILD_MS = 180_000;
/** An app beside this repository, with nothing installed but the packages and what they ask for. */
const app = mkdtempSync(join(tmpdir(), "parley-app-"));

const IMPORT = /^(?:import|export)\b([^"';]*\bfrom)?\s*["']([^"'\n]+)["']/gm;
const PACKAGES = [
	{ name: "@parley/client", folder: "client" },
	{ name: "@parley/react", folder: "client/react" },
];

beforeAll(async () => {
	expect(await run("scripts/build.ts", ["client", "react"], ROOT)).toMatchObject({ code: 0 });
	mkdirSync(join(app, "node_modules/@parley"), { recursive: true });
	mkdirSync(join(app, "node_modules/@types"));
	for (const { name, folder } of PACKAGES) symlinkSync(join(ROOT, folder), join(app, "node_modules", name));
	for (const name of ["react", "react-dom", "@types/react"])
		symlinkSync(join(ROOT, "node_modules", name), join(app, "node_modules", name));
}, BUILD_MS);
afterAll(() => rmSync(app, { recursive: true, force: true }));

function run(program: string, args: string[], cwd = app): Promise<{ code: number; text: string }> {
	const options = { cwd, env: { PATH: process.env.PATH, NODE_OPTIONS: "" }, timeout: BUILD_MS };
	return new Promise(resolve => {
		execFile(process.execPath, [program, ...args], options, (err, stdout, stderr) =>
			resolve({ code: err ? Number(err.code ?? 1) : 0, text: stdout + stderr }),
		);
	});
}

test("plain Node imports them by name", async () => {
	writeFileSync(
		join(app, "use.mjs"),
		`import { createClient } from "@parley/client";
		import { useMessages } from "@parley/react";
		import { createRequire } from "node:module";
		createRequire(import.meta.url).resolve("@parley/react/styles.css");
		const client = createClient({ url: "http://127.0.0.1:1", token: "none" });
		console.log(client.connection.get().status, typeof useMessages);`,
	);
	expect(await run("use.mjs", [])).toEqual({ code: 0, text: "idle function\n" });
}, 60_000);

test.each([
	["nodenext", "nodenext"],
	["bundler", "esnext"],
])(
	"an app's compiler takes their types, and merges its own data into them (%s)",
	async (moduleResolution, module) => {
		writeFileSync(join(app, "package.json"), '{ "type": "module" }');
		writeFileSync(
			join(app, "app.tsx"),
			`import { type Client, createClient, type Message } from "@parley/client";
			import { browser } from "@parley/client/browser";
			import { useChat } from "@parley/react";
			declare module "@parley/client" { interface Custom { message: { orderId: string } } }
			export const client: Client = createClient({ url: "http://x", token: "t", platform: browser() });
			export const orderOf = (message: Message): string => message.metadata.orderId;
			// @ts-expect-error there is no such option
			createClient({ url: "http://x", tokn: "t" });
			export const Part = () => <p>{String(useChat("id"))}</p>;`,
		);
		const options = { module, moduleResolution, target: "es2022", jsx: "react-jsx", lib: "es2024,dom" };
		const flags = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
		const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
		const all = ["--noEmit", "--strict", "--types", "", "--pretty", "false", ...flags, "app.tsx"];
		expect(await run(tsc, all)).toEqual({ code: 0, text: "" });
	},
	60_000,
);

test.each(PACKAGES)("$name holds or names all that it imports", ({ folder, name: own }) => {
	const manifest = JSON.parse(readFileSync(join(ROOT, folder, "package.json"), "utf8"));
	const named = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
	const files = globSync("**/*.{js,d.ts}", { cwd: join(ROOT, folder, "dist") });
	expect(files.length).toBeGreaterThan(20);
	for (const file of files) {
		const path = join(ROOT, folder, "dist", file);
		const source = readFileSync(path, "utf8");
		for (const [, , from = ""] of source.matchAll(IMPORT)) {
			if (from.startsWith(".")) {
				const target = resolve(dirname(path), from);
				expect([file, from, target.startsWith(join(ROOT, folder, "dist"))]).toEqual([file, from, true]);
			} else {
				const [first = "", second = ""] = from.split("/");
				const name = from.startsWith("@") ? `${first}/${second}` : first;
				expect([own, file, named.includes(name) || name]).toEqual([own, file, true]);
			}
		}
	}
});
