import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

/** Installs Artillery into its folder where it is not there as its lock file says; nothing else needs it. */
export function installArtillery(folder: string): void {
	const stamp = path.join(folder, "node_modules/.parley-stamp");
	const lock = createHash("sha256")
		.update(readFileSync(path.join(folder, "package-lock.json")))
		.digest("hex");
	if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return;
	process.stderr.write("Installing Artillery, once; it has some 450 packages … ");
	// Without install scripts, which would fetch browsers.
	const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
	const npm = process.env.npm_execpath;
	const { status, stdout, stderr } = npm?.endsWith(".js")
		? spawnSync(process.execPath, [npm, ...args], { cwd: folder, encoding: "utf8" })
		: spawnSync("npm", args, { cwd: folder, encoding: "utf8" });
	if (status !== 0) throw new Error(`Artillery could not be installed.\n${stdout}${stderr}`);
	writeFileSync(stamp, lock);
	process.stderr.write("done\n");
}
