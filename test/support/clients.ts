/** Clients of the SDK for people at the running form. */
import type { Client, ClientOptions, Platform, Readable } from "../../client/api.ts";
import { createClient } from "../../client/client.ts";
import { localLock } from "../../client/locks.ts";
import { memoryStorage } from "../../client/storage-memory.ts";
import type { Person } from "./people.ts";

/** Impatient, so that tests are not. */
export const TIMES = {
	graceMs: 300,
	unreachableMs: 2_000,
	retryMinMs: 20,
	retryMaxMs: 300,
	heartbeatMs: 2_000,
	ackMs: 8_000,
};

const WAIT_MS = 30_000;
const all = new Set<Client>();

/** Ends the connections of all clients of the file. */
export function endClients(): void {
	for (const client of all) client.disconnect();
	all.clear();
}

/** A client that has not connected yet. */
export function clientOf(who: Person, options: Partial<ClientOptions> = {}): Client {
	const client = createClient({
		url: who.urls.at(-1) as string,
		token: () => who.token,
		times: TIMES,
		...options,
	});
	all.add(client);
	return client;
}

/** A client that is online and has its inbox. */
export async function enter(who: Person, options: Partial<ClientOptions> = {}): Promise<Client> {
	const client = clientOf(who, options);
	client.connect();
	await client.ready();
	await until(client.inbox, ({ loaded }) => loaded);
	return client;
}

/** Waits until a state is as it should be, and answers with it. */
export function until<T>(state: Readable<T>, holds: (value: T) => boolean, ms = WAIT_MS): Promise<T> {
	return new Promise((resolve, reject) => {
		const late = () => {
			end();
			reject(new Error(`It stayed ${JSON.stringify(state.get(), null, 1)?.slice(0, 4_000)}.`));
		};
		const timer = setTimeout(late, ms);
		const look = () => {
			if (!holds(state.get())) return;
			clearTimeout(timer);
			end();
			resolve(state.get());
		};
		const end = state.subscribe(look);
		look();
	});
}

/** A browser: its tabs share storage, locks and a channel. What it gives is the platform of a new tab. */
export function newBrowser(): () => Platform {
	const storage = memoryStorage();
	const lock = localLock();
	const channels = new Map<string, Set<(text: string) => void>>();
	return () => ({
		storage,
		lock,
		channel(name, listener) {
			const others = channels.get(name) ?? new Set();
			channels.set(name, others.add(listener));
			return {
				post(text) {
					for (const other of others) if (other !== listener) queueMicrotask(() => other(text));
				},
				close: () => void others.delete(listener),
			};
		},
	});
}
