/** Who is signed in in this browser, and the one client that speaks for them. */
import { type Client, createClient, createSession } from "@parley/client";
import { browser } from "@parley/client/browser";
import { createStore } from "../parts/store.ts";
import { leave } from "./leave.ts";
import type { Registration } from "./register.rules.ts";

export type Account =
	/** It is being found out who was signed in last. */
	| { is: "starting" }
	/** `hasEnded`: without having wished it, as the session was ended elsewhere. */
	| { is: "signed-out"; hasEnded: boolean }
	| { is: "signed-in"; userId: string; client: Client };

const platform = browser();
const url = location.origin;
const session = createSession({ url, platform });

export const account = createStore<Account>({ is: "starting" });
let isLeaving = false;
/** Whose place the address is, since this page was loaded. */
let lastUserId: string | null = null;

session.state.subscribe(follow);

function follow(): void {
	const before = account.get();
	const userId = session.state.get()?.user.id ?? null;
	if (before.is === "signed-in") {
		if (before.userId === userId) return;
		before.client.disconnect();
	}
	if (userId) {
		if (lastUserId && lastUserId !== userId) leave();
		lastUserId = userId;
		const client = createClient({ url, platform, account: userId, token: session.token });
		account.set({ is: "signed-in", userId, client });
	} else {
		account.set({ is: "signed-out", hasEnded: before.is === "signed-in" && !isLeaving });
	}
}

/** Takes up where the last visit ended; also without a network. */
export async function start(): Promise<void> {
	await session.restore().catch(() => null);
	if (account.get().is === "starting") account.set({ is: "signed-out", hasEnded: false });
}

export async function signIn(login: string, password: string): Promise<void> {
	await session.signIn({ login, password });
}

export async function register(wish: Registration): Promise<void> {
	await session.register(wish);
}

/** Erases what is stored here, and ends the session. */
export async function signOut(): Promise<void> {
	const now = account.get();
	isLeaving = true;
	try {
		if (now.is === "signed-in") await now.client.signOut();
		await session.signOut();
	} finally {
		isLeaving = false;
	}
}
