import { spawn, spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import path from "node:path";

/** The full path of a program, or undefined. */
export function findProgram(name: string, extraFolders: string[] = []): string | undefined {
	const folders = [...extraFolders, ...(process.env.PATH ?? "").split(path.delimiter)];
	return folders.map(folder => path.join(folder, name)).find(isExecutable);
}

/** The program's path; where it is missing, Debian's packages that bring it are installed first (as root only). */
export async function needProgram(
	name: string,
	packages: string[],
	find: () => string | undefined = () => findProgram(name),
): Promise<string> {
	const present = find();
	if (present) return present;
	await aptInstall(packages);
	const installed = find();
	if (!installed)
		throw new Error(`${name} is still missing after \`apt-get install ${packages.join(" ")}\`.`);
	return installed;
}

let installing: Promise<void> = Promise.resolve();

/** One at a time: apt holds a lock. */
function aptInstall(packages: string[]): Promise<void> {
	const next = installing.then(() => install(packages));
	installing = next.catch(() => {});
	return next;
}

async function install(packages: string[]): Promise<void> {
	const command = `apt-get install -y --no-install-recommends ${packages.join(" ")}`;
	if (process.getuid?.() !== 0 || !findProgram("apt-get")) {
		throw new Error(
			`Missing here: ${packages.join(", ")}. Install it (on Debian: sudo ${command}), or run Docker.`,
		);
	}
	process.stderr.write(`Installing ${packages.join(", ")} …\n`);
	await run("flock", ["/run/lock/parley-install", "sh", "-ec", INSTALL, "sh", ...packages]);
}

/**
 * Debian starts a server when it is installed, on its usual port; its own way to say no is this file. Tests in several
 * processes install one after the other: apt has locks of its own, but whoever is done first would take the file away.
 */
const INSTALL = `
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
	trap "rm -f $policy" EXIT
	printf '#!/bin/sh\\nexit 101\\n' > $policy
	chmod 755 $policy
fi
apt-get update -qq
apt-get install -y --no-install-recommends -qq -o DPkg::Lock::Timeout=300 "$@"
`;

/** Runs a command to its end, in the background; rejects with what it printed. */
export function run(
	command: string,
	args: string[],
	options: { cwd?: string; uid?: number; gid?: number } = {},
): Promise<string> {
	return new Promise((resolve, reject) => {
		const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C.UTF-8" };
		const child = spawn(command, args, { ...options, env, stdio: ["ignore", "pipe", "pipe"] });
		let output = "";
		const keep = (chunk: Buffer) => {
			output = (output + chunk).slice(-20_000);
		};
		child.stdout.on("data", keep);
		child.stderr.on("data", keep);
		child.on("error", reject);
		child.on("close", code =>
			code === 0
				? resolve(output)
				: reject(new Error(`${command} ${args.join(" ")} ended with ${code}:\n${output}`)),
		);
	});
}

let engine: boolean | undefined;

/** Whether a Docker engine with compose answers. `PARLEY_SERVERS=native` says that it must not be used. */
export function hasDocker(): boolean {
	if (process.env.PARLEY_SERVERS === "native") return false;
	const works = (...args: string[]) => spawnSync("docker", args, { timeout: 5_000 }).status === 0;
	engine ??= works("info") && works("compose", "version");
	return engine;
}

function isExecutable(file: string): boolean {
	try {
		accessSync(file, constants.X_OK);
		return true;
	} catch {
		return false;
	}
}
