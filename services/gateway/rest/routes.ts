/** The REST door's table: what the contracts publish, by name, and nothing else. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { ActionContract } from "../../../contracts/contract.ts";
import { OVER_REST } from "../../../contracts/index.ts";
import { unreadable } from "./body.ts";

const byAction = new Map(OVER_REST.map(contract => [contract.action, contract]));

/** `POST /chats` → `chats.create`: an alias exists because a contract says so. */
export const restAliases: Record<string, string> = Object.fromEntries(
	OVER_REST.map(contract => [contract.rest as string, contract.action]),
);

export function contractOf(action: string): ActionContract {
	const contract = byAction.get(action);
	if (!contract) throw new Error(`No contract publishes ${action} over REST.`);
	return contract;
}

/** What moleculer-web makes of an alias. */
export interface Alias {
	/** Null for a page. */
	action: string | null;
	handler: ((req: IncomingMessage, res: ServerResponse) => unknown) | null;
	method: string;
	fullPath: string;
	/** @throws for a part that cannot be decoded */
	match(path: string): Record<string, string> | false;
}

export interface Found {
	alias: Alias;
	params: Record<string, string>;
}

/** Of a path's last part, which can be a parameter. */
const ANY = ":";

/**
 * Finds a request's alias. Their patterns are tried only where method, number of parts and the last part agree, which
 * leaves one or two; a fixed last part goes before a parameter.
 */
export class RouteTable {
	readonly #aliases: readonly Alias[];
	readonly #byForm = new Map<string, Alias[]>();

	constructor(aliases: readonly Alias[]) {
		this.#aliases = aliases;
		for (const alias of aliases) {
			const { depth, last } = formOf(alias.fullPath);
			const form = `${alias.method} ${depth} ${last.startsWith(ANY) ? ANY : last}`;
			this.#byForm.set(form, [...(this.#byForm.get(form) ?? []), alias]);
		}
	}

	/** HEAD is asked where GET is. @throws VALIDATION_ERROR for a path that cannot be decoded */
	find(method: string, path: string): Found | null {
		const { depth, last } = formOf(path);
		const form = `${method === "HEAD" ? "GET" : method} ${depth} `;
		return matching(this.#byForm.get(form + last), path) ?? matching(this.#byForm.get(form + ANY), path);
	}

	/** The methods that a path has. */
	methodsOf(path: string): string[] {
		const found = this.#aliases.filter(alias => matched(alias, path)).map(({ method }) => method);
		return [...new Set(found.flatMap(method => (method === "GET" ? ["GET", "HEAD"] : [method])))];
	}
}

function matching(aliases: readonly Alias[] = [], path: string): Found | null {
	for (const alias of aliases) {
		const params = matched(alias, path);
		if (params) return { alias, params };
	}
	return null;
}

/** An alias's params, or false; a path that cannot be decoded is nobody's. */
function matched(alias: Alias, path: string) {
	try {
		return alias.match(path);
	} catch {
		throw unreadable("The path has a part that cannot be decoded.");
	}
}

/** Patterns take a slash at the end, and letters in either case. */
function formOf(path: string): { depth: number; last: string } {
	const parts = path.toLowerCase().split("/");
	const last = parts.at(-1) === "" ? -2 : -1;
	return { depth: parts.length + last, last: parts.at(last) ?? "" };
}
