import { useEffect, useRef } from "react";
import { useLatest } from "../context.tsx";
import { useChat } from "../hooks/use-chat.ts";
import { useFocused } from "../hooks/use-focused.ts";
import { lastVisibleSeq, type Scroller } from "./use-scroller.ts";
import type { SteppedRows } from "./use-stepped-rows.ts";

/** Scrolling past is not reading. */
const GLANCE_MS = 250;

/** Marks as read what is seen while the window has the focus. The answer: look soon. */
export function useReading(scroller: Scroller, { rows }: SteppedRows): () => void {
	const { self, handle, status } = useChat();
	const isFocused = useFocused();
	const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
	const readSeq = self?.readSeq ?? null;
	const mayRead = isFocused && readSeq !== null && status !== "gone" && status !== "closed";

	const look = useLatest(() => {
		if (!mayRead || readSeq === null) return;
		const seq = lastVisibleSeq(scroller, rows);
		if (seq !== null && seq > readSeq) handle.markRead(seq);
	});
	const lookSoon = useLatest(() => {
		clearTimeout(timer.current);
		timer.current = setTimeout(look, GLANCE_MS);
	});
	// biome-ignore lint/correctness/useExhaustiveDependencies: new rows, and the focus, are reasons to look.
	useEffect(() => lookSoon(), [rows, mayRead, lookSoon]);
	useEffect(() => () => clearTimeout(timer.current), []);
	return lookSoon;
}
