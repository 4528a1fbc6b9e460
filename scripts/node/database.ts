import pg from "pg";
import { type Config, config } from "../../lib/config.ts";
import { isAway, openDatabase } from "../../lib/database.ts";
import { directEndpoint, setEmbeddedDatabase } from "../../lib/embedded/endpoint.ts";
import { startEmbedded } from "../../lib/embedded/index.ts";
import { migrate } from "../../models/migrate.ts";
import { StartFailure } from "./failure.ts";
import { hostOf } from "./host.ts";
import type { Say } from "./say.ts";
import { untilThere } from "./wait.ts";

const VERSION_MIN = 150_000;

export interface Started {
	/** What it is, for the operator. */
	what: string;
	/** Rejects when an embedded database ends by itself. */
	lost: Promise<never>;
	stop(): Promise<void>;
}

/** Makes the database reachable and safe; the tables are `bringUpToDate`'s. */
export async function startDatabase(say: Say): Promise<Started> {
	if (config.databaseUrl !== null) {
		await waitForServer(config.databaseUrl, config, say);
		if (config.databaseDirectUrl !== null) await waitForServer(config.databaseDirectUrl, config, say);
		return {
			what: `PostgreSQL at ${hostOf(config.databaseUrl)}`,
			lost: new Promise(() => {}),
			stop: async () => {},
		};
	}
	const { endpoint, lost, stop } = await startEmbedded(config.dataDir).catch(err => {
		throw isPlain(err) ? new StartFailure(err.message) : err;
	});
	setEmbeddedDatabase(endpoint);
	return {
		what: `embedded PostgreSQL in ${config.dataDir} (no fsync: a power cut may lose the last messages)`,
		lost,
		stop,
	};
}

/** Applies missing migrations, past a pooler; several nodes may try at once. */
export async function bringUpToDate(): Promise<string[]> {
	const db = openDatabase(directEndpoint());
	try {
		return await migrate(db);
	} finally {
		await db.close();
	}
}

function waitForServer(url: string, { allowUnsafeDb }: Pick<Config, "allowUnsafeDb">, say: Say) {
	const isGone = (err: unknown) => isAway(err) || (err as { code?: string }).code === "EAI_AGAIN";
	return untilThere({
		server: `PostgreSQL at ${hostOf(url)}`,
		attempt: () => assertFit(url, allowUnsafeDb),
		isAway: isGone,
		caVariable: "CHAT_DATABASE_CA_FILE",
		say,
	});
}

/** A server that may forget what it has committed would make every acknowledgement a lie. */
async function assertFit(url: string, allowUnsafe: boolean) {
	const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
	try {
		await client.connect();
		const { rows } = await client.query(
			"SELECT name, setting FROM pg_settings WHERE name IN ('server_version_num', 'fsync', 'full_page_writes', 'synchronous_commit')",
		);
		const settings = new Map(rows.map(({ name, setting }) => [name as string, setting as string]));
		if (Number(settings.get("server_version_num")) < VERSION_MIN) {
			throw new StartFailure(`PostgreSQL at ${hostOf(url)} is older than 15.`);
		}
		const off = [...settings].filter(([, setting]) => setting === "off").map(([name]) => name);
		if (off.length > 0 && !allowUnsafe) {
			throw new StartFailure(
				`PostgreSQL at ${hostOf(url)} has ${off.join(" and ")} off, so a crash may lose messages already acknowledged. ` +
					"Switch it on, or accept that with CHAT_ALLOW_UNSAFE_DB=on.",
			);
		}
	} finally {
		await client.end().catch(() => {});
	}
}

/** A lock that is held, a folder that may not be written: the message says it all. */
function isPlain(err: unknown): err is Error {
	const { code } = err as NodeJS.ErrnoException;
	return (
		code === "EACCES" ||
		code === "EROFS" ||
		code === "ENOSPC" ||
		code === "ENOTDIR" ||
		code === "EEXIST" ||
		(err as Error).name === "LockedError"
	);
}
