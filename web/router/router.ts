/** The address bar as a state that is followed. */
import { useSyncExternalStore } from "react";
import { parse, pathOf, type Route } from "./routes.rules.ts";

let current = parse(location.pathname);
let kept: unknown = history.state;
const listeners = new Set<() => void>();

function look(): void {
	current = parse(location.pathname);
	kept = history.state;
	for (const listener of listeners) listener();
}

addEventListener("popstate", look);

/** `replace` where going back to the present place would make no sense. */
export function go(route: Route, how: "push" | "replace" = "push"): void {
	if (pathOf(route) !== location.pathname) enter(route, how, null);
}

/** Goes there, also if one is there already; `keep` is what the browser keeps with that place: what can be cloned. */
export function enter(route: Route, how: "push" | "replace", keep: unknown): void {
	if (how === "push") history.pushState(keep, "", pathOf(route));
	else history.replaceState(keep, "", pathOf(route));
	look();
}

export const here = (): Route => current;
/** What was kept with the present place. */
export const keptHere = (): unknown => kept;

function subscribe(listener: () => void): () => void {
	listeners.add(listener);
	return () => listeners.delete(listener);
}

export const useRoute = (): Route => useSyncExternalStore(subscribe, here);
export const useKept = (): unknown => useSyncExternalStore(subscribe, keptHere);
