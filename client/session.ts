import type { SignedIn } from "../contracts/auth.ts";
import type { User as WireUser } from "../contracts/users.ts";
import type { Platform, Readable } from "./api.ts";
import { restCall } from "./connection/calls.ts";
import { refusesToken } from "./connection/connection.rules.ts";
import { TokenSource } from "./connection/token.ts";
import { mayPass, ParleyError, parleyError } from "./errors.ts";
import { localLock } from "./locks.ts";
import { Store } from "./readable.ts";
import type { Database } from "./storage.ts";
import { memoryStorage } from "./storage-memory.ts";
import type { RestCalls } from "./wire.ts";

export interface SessionOptions {
	/** The server, as `https://chat.example`. */
	url: string;
	/** Where the session is kept, and how the tabs of a browser agree on it. */
	platform?: Pick<Platform, "storage" | "lock" | "channel">;
}

/** Somebody with an account of the server's own. Hand `token` to `createClient`. */
export interface Session {
	/** Who is signed in; null before `restore` has found out, and while nobody is. */
	readonly state: Readable<SessionState | null>;
	register(who: RestCalls["POST /auth/register"]["params"]): Promise<WireUser>;
	signIn(who: RestCalls["POST /auth/login"]["params"]): Promise<WireUser>;
	/** Looks for what an earlier visit or another tab has stored. */
	restore(): Promise<WireUser | null>;
	/**
	 * An access token that is good for a while yet, and is not the `refused` one.
	 * @throws ParleyError UNAUTHENTICATED where nobody is signed in any more; what may pass signs nobody out
	 */
	token: { (refused?: string): Promise<string>; account(): Promise<string | undefined> };
	/** Ends the session here and in the other tabs, and at the server where it can be reached. */
	signOut(): Promise<void>;
}

export interface SessionState {
	user: WireUser;
}

interface Stored extends SignedIn {
	/** When the access token runs out, by this device's clock, in ms. */
	expiresAt: number;
}

const KEY = "session";
const AHEAD_MS = 60_000;
/**
 * A refresh token that was exchanged gives the same pair again for 10 s, and later ends its session. So an answer that
 * got lost is asked for again within them.
 */
const REFRESH_TRIES = 3;
const REFRESH_MS = 3_000;
const CALL_MS = 15_000;

export function createSession({ url: address, platform = {} }: SessionOptions): Session {
	const url = address.replace(/\/+$/, "");
	const name = `parley session ${url}`;
	const lock = platform.lock ?? localLock();
	const state = new Store<SessionState | null>(null);
	const opened: Promise<Database> = (platform.storage ?? memoryStorage()).open(name);
	opened.catch(() => {}); // told to whoever needs it
	const rest = (limitMs: number, token?: string) =>
		restCall({ url, limitMs, tokens: token ? new TokenSource(token, limitMs) : null });
	const channel = platform.channel?.(name, () => void restore().catch(() => {}));

	let own: Stored | null = null;
	let restored = false;
	let refreshing: Promise<string> | null = null;

	/** Once somebody is signed in here, tokens are theirs alone: who else signs in in another tab ends that. */
	function adopt(stored: Stored | null): void {
		own = own && stored && own.user.id !== stored.user.id ? null : stored;
		restored = true;
		if (own?.user.id !== state.get()?.user.id) state.set(own && { user: own.user });
	}

	const read = async () => (await opened).read(tx => tx.get<Stored>("kv", KEY));

	async function keep(signedIn: SignedIn): Promise<void> {
		const stored: Stored = { ...signedIn, expiresAt: Date.now() + signedIn.expiresIn * 1_000 };
		await (await opened).write(tx => tx.put("kv", KEY, stored));
		adopt(stored);
	}

	async function forget(): Promise<void> {
		await (await opened).write(tx => tx.delete("kv", KEY));
		adopt(null);
		channel?.post("changed");
	}

	async function enter(asked: Promise<SignedIn>): Promise<WireUser> {
		const signedIn = await asked;
		own = null;
		await lock(name, () => keep(signedIn));
		channel?.post("changed");
		return signedIn.user;
	}

	async function restore(): Promise<WireUser | null> {
		adopt((await read()) ?? null);
		return own?.user ?? null;
	}

	const isGood = (pair: Stored, refused: string | undefined, aheadMs: number): boolean =>
		pair.accessToken !== refused &&
		pair.expiresAt - Math.min(aheadMs, (pair.expiresIn * 1_000) / 2) > Date.now();

	function refresh(refused?: string): Promise<string> {
		return lock(name, async () => {
			// Another tab may have done it while this one waited.
			if (own) await restore();
			if (!own) throw new ParleyError("UNAUTHENTICATED", "Nobody is signed in.");
			if (isGood(own, refused, AHEAD_MS)) return own.accessToken;
			try {
				const pair = await exchange(own.refreshToken);
				await keep({ user: own.user, ...pair });
				return pair.accessToken;
			} catch (err) {
				if (refusesToken(parleyError(err))) {
					await forget();
					throw new ParleyError("UNAUTHENTICATED", "The session has ended.");
				}
				if (isGood(own, refused, 0)) return own.accessToken;
				throw err;
			}
		});
	}

	async function exchange(refreshToken: string, triesLeft = REFRESH_TRIES) {
		try {
			return await rest(REFRESH_MS)("POST /auth/refresh", { refreshToken });
		} catch (err) {
			const isLost = mayPass(err) && (err as ParleyError).retryAfter === null;
			if (triesLeft === 1 || !isLost) throw err;
			return exchange(refreshToken, triesLeft - 1);
		}
	}

	async function end(pair: Stored): Promise<void> {
		const { accessToken } = isGood(pair, undefined, 0) ? pair : await exchange(pair.refreshToken);
		await rest(REFRESH_MS, accessToken)("POST /auth/logout", {});
	}

	async function token(refused?: string): Promise<string> {
		if (!restored) await restore();
		if (own && isGood(own, refused, AHEAD_MS)) return own.accessToken;
		refreshing ??= refresh(refused).finally(() => {
			refreshing = null;
		});
		return refreshing;
	}
	token.account = async () => (restored ? own?.user.id : (await restore())?.id);

	return {
		state,
		restore,
		token,
		register: who => enter(rest(CALL_MS)("POST /auth/register", who)),
		signIn: who => enter(rest(CALL_MS)("POST /auth/login", who)),
		async signOut() {
			const last = await lock(name, async () => {
				const stored = await read();
				await forget();
				return stored;
			});
			// Where the server is out of reach, the session lapses by itself.
			if (last) await end(last).catch(() => {});
		},
	};
}
