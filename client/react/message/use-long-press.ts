import { type PointerEvent, type SyntheticEvent, useEffect, useRef } from "react";

const HOLD_MS = 450;
/** A finger that goes further scrolls. */
const SLACK_PX = 10;

/** Handlers that call `run` when a finger rests on the element. */
export function useLongPress(run: () => void) {
	const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
	const from = useRef({ x: 0, y: 0 });
	useEffect(() => () => clearTimeout(timer.current), []);
	const hasFired = useRef(false);
	const end = () => clearTimeout(timer.current);
	return {
		onPointerDown: (event: PointerEvent) => {
			end();
			hasFired.current = false;
			if (event.pointerType !== "touch") return;
			from.current = { x: event.clientX, y: event.clientY };
			timer.current = setTimeout(() => {
				hasFired.current = true;
				run();
			}, HOLD_MS);
		},
		onPointerMove: ({ clientX, clientY }: PointerEvent) => {
			if (Math.hypot(clientX - from.current.x, clientY - from.current.y) > SLACK_PX) end();
		},
		onPointerUp: end,
		onPointerCancel: end,
		// Else the finger that goes up presses what lies under it, and closes what it opened.
		onTouchEnd: (event: SyntheticEvent) => {
			if (hasFired.current) event.preventDefault();
			hasFired.current = false;
		},
		// A browser's own menu for the same gesture; a mouse keeps it.
		onContextMenu: (event: SyntheticEvent) => {
			const { pointerType } = event.nativeEvent as globalThis.PointerEvent;
			if (pointerType === "touch") event.preventDefault();
		},
	};
}
