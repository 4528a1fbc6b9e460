import { useSyncExternalStore } from "react";

/** Whether somebody looks at this page: it is visible and its window has the focus. */
export function useFocused(): boolean {
	return useSyncExternalStore(
		subscribe,
		() => document.visibilityState === "visible" && document.hasFocus(),
		() => false,
	);
}

function subscribe(listener: () => void): () => void {
	window.addEventListener("focus", listener);
	window.addEventListener("blur", listener);
	document.addEventListener("visibilitychange", listener);
	return () => {
		window.removeEventListener("focus", listener);
		window.removeEventListener("blur", listener);
		document.removeEventListener("visibilitychange", listener);
	};
}
