/** A browser as a Platform: the only part of the client that touches the DOM. */
import type { Platform } from "./api.ts";
import { watchIdle } from "./browser/idle.ts";
import { indexedDb } from "./browser/indexed-db.ts";
import { localLock } from "./locks.ts";
import { memoryStorage } from "./storage-memory.ts";

export interface BrowserOptions {
	/** `memory` keeps nothing when the page is left: for a device that others use too. */
	storage?: "indexeddb" | "memory";
}

/** What a browser offers. Make one for a page, and hand it to the session and to the client. */
export function browser({ storage = "indexeddb" }: BrowserOptions = {}): Required<Platform> {
	// Pages that were not served by https have no locks; two such tabs repeat what the server takes once.
	const inPage = localLock();
	return {
		storage: storage === "memory" || typeof indexedDB === "undefined" ? memoryStorage() : indexedDb(),
		lock: async (name, work) => (navigator.locks ? navigator.locks.request(name, work) : inPage(name, work)),
		channel,
		network,
		isIdle: watchIdle(),
	};
}

function channel(name: string, listener: (text: string) => void) {
	const open = new BroadcastChannel(name);
	open.onmessage = ({ data }) => listener(String(data));
	return { post: (text: string) => open.postMessage(text), close: () => open.close() };
}

/** Says so as well when a page comes back into view: what a sleeping page missed is looked for at once. */
function network(listener: (online: boolean) => void): () => void {
	const tell = () => listener(navigator.onLine);
	const seen = () => {
		if (document.visibilityState === "visible") tell();
	};
	addEventListener("online", tell);
	addEventListener("offline", tell);
	addEventListener("pageshow", tell);
	document.addEventListener("visibilitychange", seen);
	if (!navigator.onLine) tell();
	return () => {
		removeEventListener("online", tell);
		removeEventListener("offline", tell);
		removeEventListener("pageshow", tell);
		document.removeEventListener("visibilitychange", seen);
	};
}
