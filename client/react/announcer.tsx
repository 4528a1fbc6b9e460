import { useCallback, useEffect, useRef, useState } from "react";

/** What comes within this time is said at once, so that a busy chat does not talk over itself. */
const BATCH_MS = 700;
const TEXTS_MAX = 3;

/** `announce` gathers; `said` is what the live region holds. */
export function useAnnouncements(): { announce: (text: string) => void; said: string } {
	const [said, setSaid] = useState("");
	const waiting = useRef<string[]>([]);
	const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

	useEffect(() => () => clearTimeout(timer.current), []);
	const announce = useCallback((text: string) => {
		waiting.current = [...waiting.current, text].slice(-TEXTS_MAX);
		clearTimeout(timer.current);
		timer.current = setTimeout(() => {
			// The same text twice is no change, which nobody would hear.
			setSaid(before => {
				const next = waiting.current.join(". ");
				waiting.current = [];
				return next === before ? `${next}\u00a0` : next;
			});
		}, BATCH_MS);
	}, []);
	return { announce, said };
}

export function Announcer({ text }: { text: string }) {
	return (
		<div className="parley-hidden" role="status" aria-live="polite" aria-atomic="true">
			{text}
		</div>
	);
}
