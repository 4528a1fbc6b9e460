// Runs a TypeScript file of this project under the Node that the project brings along, and installs the
// packages first where they are missing. The machine's own Node may be as old as 20.
//   node scripts/run.mjs <script.ts> [args…]
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import path from "node:path";

const NODE_MAJOR = 24;
const QUIET = ["--include=dev", "--no-audit", "--no-fund"];
const root = path.dirname(import.meta.dirname);
const modules = path.join(root, "node_modules");
const stamp = path.join(modules, ".parley-stamp");
const node = path.join(modules, ".bin", process.platform === "win32" ? "node.cmd" : "node");

const [script, ...args] = process.argv.slice(2);
if (!script) fail("Which script? Usage: node scripts/run.mjs <script.ts> [args…]");

const lock = readFileSync(path.join(root, "package-lock.json"));
const wanted = createHash("sha256").update(lock).digest("hex");
if (!existsSync(node) || read(stamp) !== wanted) install();
run();

function install() {
	// `npm ci` refuses a lock file that lacks an optional package of another platform; `npm install` does not.
	if (!installedMatchesLock()) npm("packages", ["ci", ...QUIET], ["install", "--no-save", ...QUIET]);
	// The package `node` fetches its binary in an install script, which npm may have been told not to run.
	if (!isRightNode()) npm("Node", ["rebuild", "node", "--ignore-scripts=false", "--foreground-scripts"]);
	if (!isRightNode()) {
		fail(
			`${path.relative(root, node)} is not Node ${NODE_MAJOR}. npm may have blocked the install script of the package ` +
				"`node`: allow it (`npm config get ignore-scripts`, `npm approve-scripts node`), delete node_modules, and try again.",
		);
	}
	writeFileSync(stamp, wanted);
}

/** Whoever installed by hand has no stamp: npm's own record of what is there saves them a second installation. */
function installedMatchesLock() {
	const record = read(path.join(modules, ".package-lock.json"));
	if (!record) return false;
	const present = JSON.parse(record).packages;
	return Object.entries(JSON.parse(lock.toString()).packages).every(
		([name, { version, optional }]) =>
			name === "" || (present[name] ? present[name].version === version : optional),
	);
}

function npm(what, ...attempts) {
	const startedAt = Date.now();
	process.stderr.write(`Installing ${what} … `);
	let failure = "";
	for (const attempt of attempts) {
		const { status, error, stdout, stderr } = spawnNpm([...attempt, "--loglevel=error"]);
		if (status === 0) {
			process.stderr.write(`done after ${Math.round((Date.now() - startedAt) / 1000)} s\n`);
			return;
		}
		failure += `\nnpm ${attempt.join(" ")}\n${error?.message ?? ""}${stdout ?? ""}${stderr ?? ""}`;
	}
	fail(`failed${failure}`);
}

function spawnNpm(npmArgs) {
	const options = { cwd: root, encoding: "utf8", maxBuffer: 64 << 20 };
	const cli = process.env.npm_execpath;
	return cli?.endsWith(".js")
		? spawnSync(process.execPath, [cli, ...npmArgs], options)
		: spawnSync("npm", npmArgs, { ...options, shell: process.platform === "win32" });
}

function isRightNode() {
	return spawnSync(node, ["--version"], { encoding: "utf8" }).stdout?.startsWith(`v${NODE_MAJOR}.`) ?? false;
}

function run() {
	const separator = process.platform === "win32" ? ";" : ":";
	// Of type stripping, and of kafkajs: both harmless.
	const quiet = ["--disable-warning=ExperimentalWarning", "--disable-warning=TimeoutNegativeWarning"];
	const child = spawn(node, [...quiet, script, ...args], {
		stdio: "inherit",
		env: {
			// What was compiled once, TypeScript among it, need not be compiled again: a third of a start's work.
			NODE_COMPILE_CACHE: path.join(root, ".cache", "node"),
			...process.env,
			PATH: `${path.dirname(node)}${separator}${process.env.PATH ?? ""}`,
		},
	});
	for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
		// A terminal sends ctrl-C to the child as well; twice would mean "at once, without clearing up".
		const alreadyHasIt = signal === "SIGINT" && process.stdin.isTTY;
		process.on(signal, () => alreadyHasIt || child.kill(signal));
	}
	child.on("error", err => fail(`${node} did not start: ${err.message}`));
	child.on("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}

function read(file) {
	return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

function fail(message) {
	console.error(message);
	process.exit(1);
}
