import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { useLatest, useParley } from "../context.tsx";
import { type Jump, useConversation } from "../conversation-context.tsx";
import { indexOfSeq, type Row } from "./rows.rules.ts";
import { focusRowSoon } from "./use-roving.ts";
import type { Scroller } from "./use-scroller.ts";
import type { SteppedRows } from "./use-stepped-rows.ts";

const HIGHLIGHT_MS = 2_200;
/** Long enough to be read. */
const FAILURE_MS = 6_000;

export interface Jumped {
	/** The key of the row that was just gone to. */
	highlighted: string | null;
	/** The last wish could not be met; for a while. */
	hasFailed: boolean;
}

/** Follows wishes to go to a message: fetches what is around it, goes there, and shows which one it is. */
export function useJump(scroller: Scroller, { rows }: SteppedRows, setStop: (key: string) => void): Jumped {
	const { jump, handle } = useConversation();
	const { texts, announce } = useParley();
	const [highlighted, setHighlighted] = useState<string | null>(null);
	const [hasFailed, setFailed] = useState(false);
	const wanted = useRef<number | null>(null);
	const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

	const show = useLatest((index: number) => {
		const row = rows[index];
		if (!row) return;
		wanted.current = null;
		scroller.release();
		scroller.toIndex(index, "center");
		setStop(row.key);
		setHighlighted(row.key);
		clearTimeout(timer.current);
		timer.current = setTimeout(() => setHighlighted(null), HIGHLIGHT_MS);
		const box = scroller.scroller.current;
		// Whoever came here from inside the list goes on from the message.
		if (box?.contains(document.activeElement)) focusRowSoon(box, row.key);
	});

	const follow = useLatest(async ({ target }: Jump) => {
		setFailed(false);
		const index = loadedIndex(rows, target);
		if (index >= 0) return show(index);
		scroller.hold();
		try {
			wanted.current = await handle.jumpTo(target);
			tryToShow();
		} catch {
			scroller.release();
			setFailed(true);
			announce(texts.messages.jumpFailed);
		}
	});
	const tryToShow = useLatest(() => {
		if (wanted.current === null) return;
		const index = indexOfSeq(rows, wanted.current);
		if (index >= 0) show(index);
	});

	const lastId = useRef(0);
	useEffect(() => {
		// An effect that runs twice goes once.
		if (!jump || jump.id === lastId.current) return;
		lastId.current = jump.id;
		void follow(jump);
	}, [jump, follow]);
	// biome-ignore lint/correctness/useExhaustiveDependencies: the message may be among the rows that came.
	useLayoutEffect(() => tryToShow(), [rows, tryToShow]);
	useEffect(() => () => clearTimeout(timer.current), []);
	useEffect(() => {
		if (!hasFailed) return;
		const timer = setTimeout(() => setFailed(false), FAILURE_MS);
		return () => clearTimeout(timer);
	}, [hasFailed]);
	return { highlighted, hasFailed };
}

function loadedIndex(rows: readonly Row[], target: Jump["target"]): number {
	if ("seq" in target) return indexOfSeq(rows, target.seq);
	if ("messageId" in target) return rows.findIndex(row => row.message.id === target.messageId);
	return -1;
}
