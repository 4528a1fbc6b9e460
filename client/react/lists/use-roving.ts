import { type FocusEvent, type KeyboardEvent, useState } from "react";
import type { Scroller } from "./use-scroller.ts";
import type { SteppedRows } from "./use-stepped-rows.ts";

const FOCUSABLE = "button:not(:disabled), a[href], input, textarea, [tabindex='0']";

export interface Roving {
	/** The row that Tab goes to. */
	stopIndex: number;
	/** The row whose controls are in the order of Tab. */
	enteredKey: string | null;
	setStop: (key: string) => void;
	onKeyDown: (event: KeyboardEvent) => void;
	onFocus: (event: FocusEvent) => void;
	onBlur: (event: FocusEvent) => void;
}

/** One stop of Tab: arrow keys, Home and End move between messages, Enter goes into one, Escape comes back. */
export function useRoving({ scroller, toIndex }: Scroller, { rows }: SteppedRows): Roving {
	const [stop, setStop] = useState<string | null>(null);
	const [entered, setEntered] = useState<string | null>(null);
	const found = rows.findIndex(row => row.key === stop);
	const stopIndex = found < 0 ? rows.length - 1 : found;

	const focusRow = (index: number) => {
		const row = rows[Math.max(0, Math.min(rows.length - 1, index))];
		if (!row) return;
		setStop(row.key);
		setEntered(null);
		toIndex(rows.indexOf(row), "nearest");
		focusRowSoon(scroller.current, row.key);
	};

	const onKeyDown = (event: KeyboardEvent) => {
		const place = rowOf(event.target);
		// Menus and dialogs are elsewhere on the page, though their events come through here.
		if (!place || !scroller.current?.contains(place) || event.defaultPrevented) return;
		if (event.ctrlKey || event.metaKey || event.altKey) return;
		const isOnRow = event.target === place;
		const index = rows.findIndex(row => row.key === place.dataset.row);
		if (!isOnRow) {
			if (event.key !== "Escape") return;
			event.preventDefault();
			event.stopPropagation();
			focusRow(index);
			return;
		}
		if (event.key === "Enter") {
			event.preventDefault();
			setEntered(place.dataset.row ?? null);
			requestAnimationFrame(() => firstControl(place)?.focus());
			return;
		}
		const to = target(event.key, index, rows.length);
		if (to === null) return;
		event.preventDefault();
		focusRow(to);
	};

	return {
		stopIndex,
		enteredKey: entered,
		setStop,
		onKeyDown,
		onFocus: event => {
			const place = rowOf(event.target);
			if (!place || !scroller.current?.contains(place)) return;
			setStop(place.dataset.row ?? null);
			if (event.target === place) setEntered(null);
		},
		onBlur: event => {
			const next = event.relatedTarget;
			// To a menu of the message one is still in it.
			if (next && !scroller.current?.contains(next) && !next.closest(".parley-portal")) setEntered(null);
		},
	};
}

const FRAMES_MAX = 120;

let newest = 0;

/** Focuses a row as soon as it can take the focus: it may have to be drawn, and is hidden until it is measured. */
export function focusRowSoon(box: HTMLElement | null, key: string): void {
	const turn = ++newest;
	const tryIt = (frames: number) => {
		const row = box?.querySelector<HTMLElement>(`[data-row="${CSS.escape(key)}"]`);
		row?.focus({ preventScroll: true });
		const isDone = Boolean(row) && document.activeElement === row;
		// Who asked for another row meanwhile wants that one.
		if (!isDone && frames > 0 && turn === newest) requestAnimationFrame(() => tryIt(frames - 1));
	};
	tryIt(FRAMES_MAX);
}

function target(key: string, index: number, length: number): number | null {
	if (key === "ArrowDown") return index + 1;
	if (key === "ArrowUp") return index - 1;
	if (key === "Home") return 0;
	return key === "End" ? length - 1 : null;
}

function rowOf(target: EventTarget): HTMLElement | null {
	return (target as Element).closest<HTMLElement>("[data-row]");
}

/** The actions of a message before the links in it. */
function firstControl(row: HTMLElement): HTMLElement | null {
	return row.querySelector<HTMLElement>(".parley-bar button") ?? row.querySelector<HTMLElement>(FOCUSABLE);
}
