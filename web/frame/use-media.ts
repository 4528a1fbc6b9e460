import { useCallback, useSyncExternalStore } from "react";

/** As wide as the messenger needs to show a conversation beside the list. */
export const TWO_COLUMNS = "(min-width: 640px)";

/** Whether a media query holds now. */
export function useMedia(query: string): boolean {
	const subscribe = useCallback(
		(changed: () => void) => {
			const list = matchMedia(query);
			list.addEventListener("change", changed);
			return () => list.removeEventListener("change", changed);
		},
		[query],
	);
	return useSyncExternalStore(subscribe, () => matchMedia(query).matches);
}
