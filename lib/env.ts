import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { resolve } from "node:path";

/** One environment variable: how its text becomes a value, and what an operator is told about it. */
export interface Variable<T> {
	/** What stands in place of an unset variable; null means that there is none. */
	fallback: string | null;
	/** Throws an Error whose message completes the sentence "CHAT_X …". */
	parse(text: string): T;
	/** Lines for `.env.example` and the configuration page. */
	doc: string;
	/** Never shown in a message. */
	secret?: true;
}

/** A variable that an operator may leave out. */
export interface Optional<T> extends Variable<T> {
	fallback: null;
}

/** Everything that is wrong with the environment, one line each, so that one start shows all of it. */
export class ConfigError extends Error {
	override readonly name = "ConfigError";
	readonly problems: string[];

	constructor(problems: string[]) {
		super(problems.join("\n"));
		this.problems = problems;
	}
}

export function integer(min: number, max: number) {
	return (text: string) => {
		const value = Number(text);
		if (!/^\d+$/.test(text) || value < min || value > max) {
			throw new Error(`must be a whole number from ${min} to ${max}`);
		}
		return value;
	};
}

export function oneOf<const T extends string>(...values: T[]) {
	return (text: string) => {
		const found = values.find(value => value === text);
		if (found === undefined) throw new Error(`must be one of ${values.join(", ")}`);
		return found;
	};
}

export function matching(pattern: RegExp, hint: string) {
	return (text: string) => {
		if (!pattern.test(text)) throw new Error(`must be ${hint}`);
		return text;
	};
}

const SWITCH: Record<string, boolean> = { on: true, 1: true, true: true, off: false, 0: false, false: false };

export function onOff(text: string) {
	const value = SWITCH[text.toLowerCase()];
	if (value === undefined) throw new Error("must be on or off");
	return value;
}

/** A comma separated list; blanks around an item are dropped, an empty item is a mistake. */
export function list<T>(parse: (text: string) => T) {
	return (text: string) =>
		text.split(",").map(item => {
			if (item.trim() === "") throw new Error("has an empty item between its commas");
			try {
				return parse(item.trim());
			} catch (err) {
				throw new Error(`has the item "${item.trim()}", which ${(err as Error).message}`);
			}
		});
}

export function url(...schemes: string[]) {
	const wanted = schemes.map(scheme => `${scheme}://`).join(" or ");
	return (text: string) => {
		const parsed = URL.parse(text);
		if (!parsed || !schemes.includes(parsed.protocol.slice(0, -1)) || !parsed.hostname) {
			throw new Error(`must be a URL that begins with ${wanted}`);
		}
		return text;
	};
}

/** What a browser sends as `Origin`. `*` is refused: a list says who may read answers. */
export function origin(text: string) {
	const parsed = URL.parse(text);
	if (!parsed || !/^https?:$/.test(parsed.protocol) || parsed.origin !== text) {
		throw new Error("must be an origin such as https://app.example.com, without a path");
	}
	return text;
}

export function hostAndPort(text: string) {
	const [, host, port] = /^(\[[0-9a-fA-F:]+\]|[^\s:/@]+):(\d{1,5})$/.exec(text) ?? [];
	if (!host || Number(port) < 1 || Number(port) > 65_535) throw new Error("must be host:port");
	return text;
}

/** A PEM file of certificates, which is there and can be read. Absolute. */
export function certificates(text: string) {
	try {
		new X509Certificate(readFileSync(text));
	} catch (err) {
		const { code, message } = err as NodeJS.ErrnoException;
		throw new Error(code?.startsWith("E") ? `cannot be read: ${message}` : "holds no certificate in PEM");
	}
	return resolve(text);
}

/** An IP address, or a network in CIDR form. */
export function network(text: string) {
	const [address = "", prefix, ...rest] = text.split("/");
	const version = isIP(address);
	const bits = version === 4 ? 32 : 128;
	const wellFormed = prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits);
	if (version === 0 || !wellFormed || rest.length > 0) {
		throw new Error("must be an IP address or a network such as 10.0.0.0/8");
	}
	return text;
}

type Table = Record<string, Variable<unknown>>;

/** The value of each variable; null for one that is not set and has no fallback. */
export type Values<T extends Table> = {
	[K in keyof T]: ReturnType<T[K]["parse"]> | (T[K] extends Optional<unknown> ? null : never);
};

/**
 * Reads the variables of `table` from `env`. An empty text counts as unset, since compose files and
 * unit files pass variables on that way. A name with `prefix` that the table lacks is a problem: a
 * misspelt limit that is silently ignored is found out on the worst day.
 */
export function readVariables<T extends Table>(table: T, prefix: string, env: NodeJS.ProcessEnv) {
	const problems: string[] = [];
	const entries = Object.entries(table).map(([name, variable]) => {
		const text = env[name] || variable.fallback;
		if (text === null) return [name, null];
		try {
			return [name, variable.parse(text)];
		} catch (err) {
			const shown = variable.secret ? "" : `="${text}"`;
			problems.push(`${name}${shown} ${(err as Error).message}.`);
			return [name, null];
		}
	});
	for (const name of Object.keys(env).sort()) {
		if (name.startsWith(prefix) && !Object.hasOwn(table, name)) {
			const near = nearest(name, Object.keys(table), prefix.length);
			problems.push(`${name} is not a variable of this version.${near ? ` Did you mean ${near}?` : ""}`);
		}
	}
	return { values: Object.fromEntries(entries) as Values<T>, problems };
}

/** The name that a few typing mistakes lead to: at most three, and fewer in a short one. */
function nearest(name: string, candidates: string[], prefixLength: number) {
	const scored = candidates.map(candidate => ({ candidate, distance: editDistance(name, candidate) }));
	const best = scored.sort((a, b) => a.distance - b.distance)[0];
	const bound = Math.min(3, Math.ceil((name.length - prefixLength) / 2));
	return best && best.distance <= bound ? best.candidate : null;
}

function editDistance(a: string, b: string) {
	let row = Array.from({ length: b.length + 1 }, (_, i) => i);
	for (let i = 1; i <= a.length; i++) {
		const next = [i];
		for (let j = 1; j <= b.length; j++) {
			const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
			next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
		}
		row = next;
	}
	return row[b.length] ?? 0;
}
