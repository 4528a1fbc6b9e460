import { config } from "../config.ts";

/** Where PostgreSQL is reached. The embedded one has a single session: its pool is one connection, always. */
export type DatabaseEndpoint =
	| { kind: "url"; url: string; poolMax: number }
	| { kind: "embedded"; socketDir: string; port: number; user: string; database: string; poolMax: 1 };

let embedded: DatabaseEndpoint | null = null;

/** Told by whoever started the embedded server, before any service is loaded. */
export function setEmbeddedDatabase(endpoint: DatabaseEndpoint | null) {
	embedded = endpoint;
}

export function databaseEndpoint(): DatabaseEndpoint {
	if (config.databaseUrl !== null) {
		return { kind: "url", url: config.databaseUrl, poolMax: config.databasePoolMax };
	}
	if (embedded === null)
		throw new Error("CHAT_DATABASE_URL is not set, and no embedded PostgreSQL was started.");
	return embedded;
}

/** The same PostgreSQL past a pooler: for what needs a session to itself, or longer than a pooler allows. */
export function directEndpoint(): DatabaseEndpoint {
	if (config.databaseDirectUrl === null) return databaseEndpoint();
	return { kind: "url", url: config.databaseDirectUrl, poolMax: 1 };
}
