/**
 * Where Redis is, as `CHAT_REDIS_URL` says it:
 *
 *   redis://[user][:password@]host[:port][/db]
 *   redis+cluster://[user][:password@]host[:port],…              some nodes of a cluster; the rest is found out
 *   redis+sentinel://[user][:password@]host[:port],…/name[/db]   sentinels, and the master's name there
 *
 * `rediss` in place of `redis` is the same over TLS. Sentinels that ask for a login of their own have it as
 * `?sentinelUsername=…&sentinelPassword=…`.
 */

export interface RedisNode {
	host: string;
	port: number;
}

export interface RedisAddress {
	kind: "single" | "cluster" | "sentinel";
	/** Of a cluster some nodes, of a master behind sentinels those. */
	nodes: [RedisNode, ...RedisNode[]];
	tls: boolean;
	username: string | undefined;
	password: string | undefined;
	db: number;
	/** What sentinels know it by. */
	master: string | undefined;
	sentinelUsername: string | undefined;
	sentinelPassword: string | undefined;
}

const FORM = /^(rediss?)(?:\+(cluster|sentinel))?:\/\/(?:([^@/]*)@)?([^@/?#]+)(?:\/([^?#]*))?(?:\?([^#]*))?$/;
const PORTS = { single: 6379, cluster: 6379, sentinel: 26379 };
const SENTINEL_LOGIN = ["sentinelUsername", "sentinelPassword"];

/** @throws an Error whose message completes the sentence "CHAT_REDIS_URL …", and shows nothing of the address */
export function redisAddress(url: string): RedisAddress {
	const [, scheme, form, login = "", hosts = "", path = "", query = ""] = FORM.exec(url) ?? [];
	if (!hosts) {
		throw new Error(
			"must be a URL that begins with redis://, redis+cluster:// or redis+sentinel:// (rediss over TLS)",
		);
	}
	const kind = (form ?? "single") as RedisAddress["kind"];
	const nodes = hosts.split(",").map(text => nodeOf(text, PORTS[kind])) as RedisAddress["nodes"];
	if (kind === "single" && nodes.length > 1) {
		throw new Error(
			"names more than one host; a cluster is redis+cluster://, sentinels are redis+sentinel://",
		);
	}
	const [username, ...password] = login.split(":");
	const options = optionsIn(query, kind);
	return {
		kind,
		nodes,
		tls: scheme === "rediss",
		username: decoded(username) || undefined,
		password: decoded(password.join(":")) || undefined,
		...placeOf(path, kind),
		sentinelUsername: options.get("sentinelUsername") ?? undefined,
		sentinelPassword: options.get("sentinelPassword") ?? undefined,
	};
}

/** For people: without what is secret. */
export function redisName({ kind, nodes, master }: RedisAddress): string {
	const hosts = nodes
		.map(({ host, port }) => `${host.includes(":") ? `[${host}]` : host}:${port}`)
		.join(", ");
	if (kind === "cluster") return `${hosts} (cluster)`;
	return kind === "sentinel" ? `${hosts} (sentinels of ${master})` : hosts;
}

function nodeOf(text: string, usualPort: number): RedisNode {
	const [, v6, name, digits] = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:[\]]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
	const host = v6 ?? name;
	const port = digits === undefined ? usualPort : Number(digits);
	if (!host || port > 65_535)
		throw new Error("must name its hosts as host or host:port, with commas between");
	return { host, port };
}

function placeOf(path: string, kind: RedisAddress["kind"]): Pick<RedisAddress, "db" | "master"> {
	const parts = path.split("/");
	const master = kind === "sentinel" ? decoded(parts.shift()) : undefined;
	if (master === "")
		throw new Error("must name the master behind its sentinels: redis+sentinel://host:26379/name");
	const db = parts.join("/");
	if (!/^\d*$/.test(db)) throw new Error("must end with the number of a database, or with none");
	if (kind === "cluster" && Number(db) > 0)
		throw new Error("names a database, and a cluster has only the first");
	return { db: Number(db), master };
}

function optionsIn(query: string, kind: RedisAddress["kind"]): URLSearchParams {
	const options = new URLSearchParams(query);
	const known = kind === "sentinel" ? SENTINEL_LOGIN : [];
	const unknown = [...options.keys()].find(name => !known.includes(name));
	if (unknown !== undefined) throw new Error("has an option behind its ? that is not known");
	return options;
}

function decoded(text = ""): string {
	try {
		return decodeURIComponent(text);
	} catch {
		throw new Error("has a user or password in which a % is not written as %25");
	}
}
