/**
 * Where Redis is, as `CHAT_REDIS_URL` says it:
 *
 *   redis://[user][:password@]host[:port][/db]
 *
 * `rediss://` is the same over TLS.
 */

export interface RedisNode {
	host: string;
	port: number;
}

export interface RedisAddress {
	nodes: [RedisNode, ...RedisNode[]];
	tls: boolean;
	username: string | undefined;
	password: string | undefined;
	db: number;
}

const FORM = /^(rediss?):\/\/(?:([^@/]*)@)?([^@/?#]+)(?:\/([^?#]*))?$/;
const PORT = 6379;

/** @throws an Error whose message completes the sentence "CHAT_REDIS_URL …", and shows nothing of the address */
export function redisAddress(url: string): RedisAddress {
	const [, scheme, login = "", hosts, path = ""] = FORM.exec(url) ?? [];
	if (!hosts) throw new Error("must be a URL that begins with redis:// or rediss://");
	const [username, ...password] = login.split(":");
	return {
		nodes: [nodeOf(hosts)],
		tls: scheme === "rediss",
		username: decoded(username) || undefined,
		password: decoded(password.join(":")) || undefined,
		db: databaseOf(path),
	};
}

/** For people: without what is secret. */
export function redisName({ nodes }: RedisAddress): string {
	return nodes.map(({ host, port }) => `${host.includes(":") ? `[${host}]` : host}:${port}`).join(", ");
}

function nodeOf(text: string): RedisNode {
	const [, v6, name, port] = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:[\]]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
	const host = v6 ?? name;
	if (!host || Number(port ?? PORT) > 65_535) throw new Error("must name its hosts as host or host:port");
	return { host, port: Number(port ?? PORT) };
}

function databaseOf(text: string): number {
	if (!/^\d*$/.test(text)) throw new Error("must end with the number of a database, or with none");
	return Number(text);
}

function decoded(text = ""): string {
	try {
		return decodeURIComponent(text);
	} catch {
		throw new Error("has a user or password in which a % is not written as %25");
	}
}
