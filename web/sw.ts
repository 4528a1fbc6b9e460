/**
 * The service worker: the app opens without a network. It keeps the files of one build, and never an answer of the
 * server: what people wrote is the SDK's to keep.
 */
import { isOurs, PAGE, placeOf } from "./worker/worker.rules.ts";

/** Of the worker's world, whose types TypeScript does not offer beside the page's. */
interface Extended extends Event {
	waitUntil(work: Promise<unknown>): void;
}
interface Fetched extends Extended {
	request: Request;
	respondWith(answer: Promise<Response>): void;
}
interface Clicked extends Extended {
	notification: Notification;
}
interface Page {
	url: string;
	focus(): Promise<Page>;
	postMessage(data: unknown): void;
}
interface WorkerScope {
	location: Location;
	skipWaiting(): Promise<void>;
	clients: {
		claim(): Promise<void>;
		matchAll(wish: { type: "window"; includeUncontrolled: boolean }): Promise<Page[]>;
		openWindow(path: string): Promise<Page | null>;
	};
	addEventListener(type: "install" | "activate", listener: (event: Extended) => void): void;
	addEventListener(type: "fetch", listener: (event: Fetched) => void): void;
	addEventListener(type: "message", listener: (event: MessageEvent) => void): void;
	addEventListener(type: "notificationclick", listener: (event: Clicked) => void): void;
}

const worker = globalThis as unknown as WorkerScope;
const BUILD = "__PRECACHE__" as unknown as { version: string; files: string[] };
const APP = `parley-app-${BUILD.version}`;
/** Names of emoji: large, wanted by few, the same from build to build. */
const EMOJI = "parley-emoji-1";

worker.addEventListener("install", event => {
	// `reload`: what the browser's own cache holds may be of the build before.
	const files = BUILD.files.map(file => new Request(file, { cache: "reload" }));
	event.waitUntil(caches.open(APP).then(cache => cache.addAll(files)));
});

worker.addEventListener("activate", event => event.waitUntil(takeOver()));

async function takeOver(): Promise<void> {
	const names = await caches.keys();
	const old = names.filter(name => name.startsWith("parley-") && name !== APP && name !== EMOJI);
	await Promise.all(old.map(name => caches.delete(name)));
	await worker.clients.claim();
}

worker.addEventListener("fetch", event => {
	const { request } = event;
	const place = placeOf(new URL(request.url), {
		origin: worker.location.origin,
		method: request.method,
		isNavigation: request.mode === "navigate",
		files: BUILD.files,
	});
	if (place === "network") return;
	event.respondWith(place === "page" ? page() : kept(request, place === "emoji" ? EMOJI : APP));
});

/** The page of this build, not the server's newest: its scripts are the ones that are here. */
async function page(): Promise<Response> {
	const cache = await caches.open(APP);
	return (await cache.match(PAGE)) ?? fetch(PAGE);
}

async function kept(request: Request, name: string): Promise<Response> {
	const cache = await caches.open(name);
	const found = await cache.match(request, { ignoreVary: true });
	if (found) return found;
	const answer = await fetch(request);
	// A page in place of the data, as some servers answer what they lack, would stay for ever.
	const isData = answer.headers.get("content-type")?.includes("json") ?? false;
	if (answer.ok && isData && name === EMOJI) await cache.put(request, answer.clone());
	return answer;
}

worker.addEventListener("message", event => {
	if (event.data === "take over") void worker.skipWaiting();
});

worker.addEventListener("notificationclick", event => {
	event.notification.close();
	const path: unknown = event.notification.data?.path;
	if (isOurs(path)) event.waitUntil(bringForward(path));
});

async function bringForward(path: string): Promise<void> {
	const [open] = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
	if (!open) return void (await worker.clients.openWindow(path));
	await open.focus();
	open.postMessage({ open: path });
}
