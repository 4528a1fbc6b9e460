/** Installs the service worker, and says when a newer build is ready. */
import { createStore } from "../parts/store.ts";

const HOUR_MS = 3_600_000;

/** Takes over and loads the newer build; null while there is none. */
export const update = createStore<(() => void) | null>(null);

export async function startWorker(): Promise<void> {
	if (!import.meta.env.PROD || !("serviceWorker" in navigator)) return;
	const registration = await navigator.serviceWorker.register("/sw.js").catch(() => null);
	if (!registration) return;
	let accepted = false;
	let isControlled = navigator.serviceWorker.controller !== null;
	const offer = (worker: ServiceWorker) =>
		update.set(() => {
			accepted = true;
			worker.postMessage("take over");
		});
	const watch = (worker: ServiceWorker | null) => {
		worker?.addEventListener("statechange", () => {
			// The first one of all replaces nothing.
			if (worker.state === "installed" && navigator.serviceWorker.controller) offer(worker);
		});
	};
	if (registration.waiting && navigator.serviceWorker.controller) offer(registration.waiting);
	watch(registration.installing);
	registration.addEventListener("updatefound", () => watch(registration.installing));
	navigator.serviceWorker.addEventListener("controllerchange", () => {
		// The first one of all changes nothing.
		if (isControlled) reload(accepted);
		isControlled = true;
	});
	// People leave a chat open for days.
	setInterval(() => void registration.update().catch(() => undefined), HOUR_MS);
}

/** How soon a tab in which somebody writes is looked at again. */
const LOOK_MS = 1_000;

/** What is typed into a dialog or an edit is kept nowhere; a draft is. */
const UNKEPT = "dialog[open], [role='dialog'], .parley-composer[data-unkept]";

/**
 * The files of the build before are gone with its worker, so that all tabs take the new one: at once where somebody
 * asked for it, elsewhere as soon as nothing is lost by it.
 */
function reload(isAsked: boolean): void {
	if (isAsked || !document.querySelector(UNKEPT)) location.reload();
	else setTimeout(() => reload(false), LOOK_MS);
}
