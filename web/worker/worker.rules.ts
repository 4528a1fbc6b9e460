/** What the service worker does with a request. */

export const PAGE = "/";

/** Paths of the server that are no part of the app. */
const SERVERS = /^\/(api|socket\.io|health|docs|dev|metrics)(\/|$)/;

export interface Asked {
	origin: string;
	method: string;
	isNavigation: boolean;
	/** What this build consists of. */
	files: readonly string[];
}

/** `network`: none of its business. `page`: the app, whatever the path. `app`, `emoji`: from that store. */
export function placeOf(url: URL, asked: Asked): "network" | "page" | "app" | "emoji" {
	if (asked.method !== "GET" || url.origin !== asked.origin || SERVERS.test(url.pathname)) return "network";
	if (asked.isNavigation) return /^\/($|[ct]\/)/.test(url.pathname) ? "page" : "network";
	if (url.pathname.startsWith("/emoji/")) return "emoji";
	return asked.files.includes(url.pathname) && url.search === "" ? "app" : "network";
}

/** A path within the app. */
export const isOurs = (path: unknown): path is string =>
	typeof path === "string" && /^\/[ct]\/[0-9a-f-]{36}(\/m\/[0-9a-f-]{36})?$/i.test(path);
