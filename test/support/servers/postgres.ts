import { chownSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Client } from "pg";
import { startInDocker } from "./docker.ts";
import { findProgram, hasDocker, needProgram, run } from "./install.ts";
import { type Folder, makeFolder, type Owner, startNative } from "./native.ts";
import { freePorts } from "./ports.ts";
import type { ServerProcess, Settings, StartOptions } from "./types.ts";

const DATABASE = "parley";
const RECOVERED_WITHIN_MS = 60_000;

// Durability is among what is tested, so an acknowledged commit is on the disk here too.
const SETTINGS: Settings = { fsync: "on", synchronous_commit: "on", max_connections: 200 };

export async function startPostgres(options: StartOptions = {}): Promise<ServerProcess> {
	const port = options.port ?? (await freePorts(1))[0] ?? 0;
	const settings = Object.entries({ ...SETTINGS, ...options.settings }).map(
		([name, value]) => `${name}=${value}`,
	);
	if (hasDocker() && !options.native) {
		const command = ["postgres", ...settings.flatMap(setting => ["-c", setting])];
		return startInDocker("postgres", {
			url: urlAt(port),
			port,
			inside: 5432,
			override: { command },
			options,
		});
	}

	const initdb = await needProgram("initdb", ["postgresql"], () => findProgram("initdb", debianFolders()));
	const owner = unprivileged();
	const folder = await makeFolder("postgres", options.folder, owner, options.within);
	const data = path.join(folder.path, "data");
	if (!existsSync(path.join(data, "PG_VERSION"))) {
		const locale = process.platform === "darwin" ? "en_US.UTF-8" : "C.UTF-8";
		const how = ["-U", "postgres", "-A", "trust", "-E", "UTF8", `--locale=${locale}`, "--no-sync"];
		await run(initdb, ["-D", data, ...how], { cwd: folder.path, ...owner });
	}
	return startOn(data, { folder, owner, port, settings, programs: path.dirname(initdb) });
}

/** One that follows another of this machine, by streaming. */
export async function startReplica(primary: ServerProcess): Promise<ServerProcess> {
	const copy = await backUp(primary, ["-R"]);
	return startCopy(copy, []);
}

/** A base backup: data of a server that nobody has started yet. */
export interface Copy {
	data: string;
	folder: Folder;
	owner: Owner;
	programs: string;
}

/** Copies a server of this machine while it serves. */
export async function backUp(primary: ServerProcess, options: readonly string[] = []): Promise<Copy> {
	const program = await needProgram("pg_basebackup", ["postgresql"], () =>
		findProgram("pg_basebackup", debianFolders()),
	);
	const owner = unprivileged();
	const folder = await makeFolder("copy", undefined, owner);
	const data = path.join(folder.path, "data");
	const from = ["-h", "127.0.0.1", "-p", String(primary.port), "-U", "postgres"];
	const how = ["-D", data, "-X", "stream", "-c", "fast", "--no-sync", ...options];
	await run(program, [...from, ...how], { cwd: folder.path, ...owner });
	return { data, folder, owner, programs: path.dirname(program) };
}

/** Where a server archives its log, and the settings with which it does. */
export async function logArchive(): Promise<{ folder: string; settings: Settings }> {
	const { path: folder } = await makeFolder("archive", undefined, unprivileged());
	return { folder, settings: { archive_mode: "on", archive_command: `cp %p ${folder}/%f` } };
}

/** Brings a copy to a moment, as PostgreSQL writes it, with the log that was archived since: a server of its own then. */
export async function startRestored(copy: Copy, archive: string, moment: string): Promise<ServerProcess> {
	const { uid, gid } = copy.owner;
	const signal = path.join(copy.data, "recovery.signal");
	writeFileSync(signal, "");
	if (uid !== undefined && gid !== undefined) chownSync(signal, uid, gid);
	const restored = await startCopy(copy, [
		`restore_command=cp ${archive}/%f %p`,
		`recovery_target_time=${moment}`,
		"recovery_target_action=promote",
	]);
	for (const deadline = Date.now() + RECOVERED_WITHIN_MS; await isRecovering(restored.url); ) {
		if (Date.now() > deadline) throw new Error(`It does not get to ${moment}.\n${restored.log()}`);
		await new Promise(resolve => setTimeout(resolve, 50));
	}
	return restored;
}

async function isRecovering(connectionString: string): Promise<boolean> {
	const client = new Client({ connectionString });
	await client.connect();
	try {
		const { rows } = await client.query("SELECT pg_is_in_recovery() AS yes");
		return rows[0].yes;
	} finally {
		await client.end();
	}
}

async function startCopy(copy: Copy, settings: readonly string[]): Promise<ServerProcess> {
	const [port = 0] = await freePorts(1);
	return startOn(copy.data, { ...copy, port, settings: ["max_connections=200", ...settings] });
}

interface Place {
	folder: Folder;
	owner: Owner;
	port: number;
	/** `name=value`. */
	settings: string[];
	/** Where PostgreSQL's programs are. */
	programs: string;
}

function startOn(data: string, { folder, owner, port, settings, programs }: Place): Promise<ServerProcess> {
	const own = ["listen_addresses=127.0.0.1", `port=${port}`, "unix_socket_directories="];
	return startNative({
		name: "PostgreSQL",
		url: urlAt(port),
		port,
		folder,
		owner,
		command: path.join(programs, "postgres"),
		args: ["-D", data, ...[...own, ...settings].flatMap(setting => ["-c", setting])],
		stopSignal: "SIGINT",
		ready: () => hasDatabase(port),
	});
}

const urlAt = (port: number) => `postgres://postgres@127.0.0.1:${port}/${DATABASE}`;

async function hasDatabase(port: number): Promise<boolean> {
	const client = new Client({ host: "127.0.0.1", port, user: "postgres", database: "postgres" });
	client.on("error", () => {}); // it went away between two questions: asked again
	try {
		await client.connect();
		const { rowCount } = await client.query("SELECT 1 FROM pg_database WHERE datname = $1", [DATABASE]);
		if (rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE}`);
		return true;
	} catch {
		return false;
	} finally {
		await client.end().catch(() => {});
	}
}

/** Debian keeps them out of PATH. Newest first. */
function debianFolders(): string[] {
	const base = "/usr/lib/postgresql";
	if (!existsSync(base)) return [];
	const versions = readdirSync(base).sort((a, b) => Number(b) - Number(a));
	return versions.map(version => path.join(base, version, "bin"));
}

/** PostgreSQL refuses to run as root. */
export function unprivileged(): Owner {
	if (process.getuid?.() !== 0) return {};
	const users = readFileSync("/etc/passwd", "utf8").split("\n");
	const user = ["postgres", "nobody"]
		.map(name => users.find(line => line.startsWith(`${name}:`)))
		.find(Boolean);
	if (!user)
		throw new Error(
			"PostgreSQL needs a user other than root to run as: neither postgres nor nobody is here.",
		);
	const [, , uid, gid] = user.split(":");
	return { uid: Number(uid), gid: Number(gid) };
}
