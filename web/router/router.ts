/** The address bar as a state that is followed. */
import { useSyncExternalStore } from "react";
import { parse, pathOf, type Route } from "./routes.rules.ts";

let current = parse(location.pathname);
const listeners = new Set<() => void>();

function look(): void {
	current = parse(location.pathname);
	for (const listener of listeners) listener();
}

addEventListener("popstate", look);

/** `replace` where going back to the present place would make no sense. */
export function go(route: Route, how: "push" | "replace" = "push"): void {
	const path = pathOf(route);
	if (path === location.pathname) return;
	if (how === "push") history.pushState(null, "", path);
	else history.replaceState(null, "", path);
	look();
}

export const here = (): Route => current;

export function useRoute(): Route {
	return useSyncExternalStore(listener => {
		listeners.add(listener);
		return () => listeners.delete(listener);
	}, here);
}
