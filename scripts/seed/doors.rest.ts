/** A running server, over REST. Its limits count, so what they refuse is asked again when they say. */
import { setTimeout as sleep } from "node:timers/promises";
import * as auth from "../../contracts/auth.ts";
import type { ActionContract, Params, Result } from "../../contracts/contract.ts";
import type { ErrorCode } from "../../contracts/errors.ts";
import { codeOf, fail } from "../../lib/errors.ts";
import { StartFailure } from "../node/failure.ts";
import { type Doors, signUp } from "./doors.ts";
import { emailOf, type Newcomer, PASSWORD } from "./people.ts";

const PATIENCE_S = 120;

/** Where the seed may go: its password is known to everybody, so only to a server of this machine. */
export function assertOwnMachine(url: string): void {
	const { hostname, protocol } = URL.canParse(url) ? new URL(url) : { hostname: "", protocol: "" };
	if (!/^https?:$/.test(protocol)) throw new StartFailure(`--url ${url} is no http address.`);
	if (!/^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname))
		throw new StartFailure(`--url ${url} is another machine; demo people are for one's own.`);
}

export function openRest(url: string): Doors & { where: string } {
	const tokens = new Map<string, { token: string; username: string }>();

	async function enter({ username, displayName }: Newcomer) {
		const known = await signIn(username);
		if (known) return { id: known, isNew: false };
		const account = { username, displayName, email: emailOf(username), password: PASSWORD };
		const { user, accessToken } = await signUp(username, request(url, auth.register, account));
		tokens.set(user.id, { token: accessToken, username });
		return { id: user.id, isNew: true };
	}

	/** Null where there is no such user with the demo's password. */
	async function signIn(username: string): Promise<string | null> {
		try {
			const { user, accessToken } = await request(url, auth.login, { login: username, password: PASSWORD });
			tokens.set(user.id, { token: accessToken, username });
			return user.id;
		} catch (err) {
			if (codeOf(err) !== "UNAUTHENTICATED") throw err;
			return null;
		}
	}

	async function ask<C extends ActionContract>(userId: string, contract: C, params: Params<C>) {
		const attempt = () => request(url, contract, params, tokens.get(userId)?.token);
		try {
			return await attempt();
		} catch (err) {
			if (codeOf(err) !== "TOKEN_EXPIRED") throw err;
			await signIn(tokens.get(userId)?.username ?? "");
			return attempt();
		}
	}

	return {
		where: url,
		enter,
		ask,
		async close() {
			for (const { token } of tokens.values()) await request(url, auth.logout, {}, token);
		},
	};
}

/** One call by its contract. @throws an error of the catalogue */
async function request<C extends ActionContract>(
	url: string,
	contract: C,
	params: Params<C>,
	token?: string,
): Promise<Result<C>> {
	for (let waitedS = 0; ; ) {
		const { status, body } = await send(url, contract, params as Record<string, unknown>, token);
		if (status < 300) return body as Result<C>;
		const { code = "INTERNAL", detail = "", retryAfter = 0 } = body as Partial<Refusal>;
		if (retryAfter === 0 || waitedS + retryAfter > PATIENCE_S)
			throw fail(code, `${contract.rest}: ${detail}`);
		waitedS += retryAfter;
		await sleep(retryAfter * 1_000);
	}
}

interface Refusal {
	code: ErrorCode;
	detail: string;
	retryAfter: number;
}

async function send(url: string, contract: ActionContract, params: Record<string, unknown>, token?: string) {
	const [method = "GET", template = ""] = (contract.rest ?? "").split(" ");
	const { clientId, ...left } = params;
	const path = template.replace(/:(\w+)/g, (_, name: string) => {
		const value = left[name];
		delete left[name];
		return encodeURIComponent(String(value));
	});
	const inBody = /^(POST|PUT|PATCH)$/.test(method);
	const query = inBody ? "" : `?${new URLSearchParams(left as Record<string, string>)}`;
	const response = await fetch(`${new URL(url).origin}/api${path}${query}`, {
		method,
		headers: {
			...(token && { authorization: `Bearer ${token}` }),
			...(inBody && { "content-type": "application/json" }),
			...(typeof clientId === "string" && { "idempotency-key": clientId }),
		},
		...(inBody && { body: JSON.stringify(left) }),
	}).catch(() => {
		throw new StartFailure(`no server answers at ${url}.`);
	});
	const text = await response.text();
	return { status: response.status, body: text ? JSON.parse(text) : null };
}
