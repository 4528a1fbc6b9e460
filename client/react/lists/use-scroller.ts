import type { ChatHandle } from "@parley/client";
import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { VirtualizerHandle } from "virtua";
import { useLatest } from "../context.tsx";
import type { SteppedRows } from "./use-stepped-rows.ts";

/** So near to the end counts as being there. */
const END_PX = 48;
/** So near to an end of what is loaded, the next page is fetched. */
const PAGE_PX = 900;
/** Above the line for unread messages. */
const LINE_PX = 72;

export interface ScrollerWishes {
	handle: ChatHandle;
	stepped: SteppedRows;
	hasOlder: boolean;
	hasNewer: boolean;
	/** May pages be fetched, and is what is shown final? */
	isLive: boolean;
	/** The last row is one's own message that was just sent. */
	ownKey: string | null;
}

export interface Scroller {
	scroller: RefObject<HTMLDivElement | null>;
	content: RefObject<HTMLDivElement | null>;
	virtual: RefObject<VirtualizerHandle | null>;
	atEnd: boolean;
	/** A page could not be fetched. */
	hasFailed: boolean;
	tryAgain: () => void;
	onScroll: () => void;
	toIndex: (index: number, align: "center" | "nearest") => void;
	toLatest: () => void;
	/** While something is on its way to be shown, the list goes nowhere by itself. */
	hold: () => void;
	release: () => void;
}

/** Where the list stands: at the end while one is there, else where one left it; and which pages it needs. */
export function useScroller(wishes: ScrollerWishes): Scroller {
	const { handle, stepped, hasOlder, hasNewer, isLive, ownKey } = wishes;
	const { rows, epoch } = stepped;
	const scroller = useRef<HTMLDivElement>(null);
	const content = useRef<HTMLDivElement>(null);
	const virtual = useRef<VirtualizerHandle>(null);
	const [atEnd, setAtEnd] = useState(true);
	const [hasFailed, setFailed] = useState(false);
	const place = useRef({ stuck: true, top: 0, settled: false, held: false, paging: false, touched: false });

	const toEnd = useLatest(() => {
		const box = scroller.current;
		if (!box || rows.length === 0) return;
		virtual.current?.scrollToIndex(rows.length - 1, { align: "end" });
		box.scrollTop = box.scrollHeight;
	});

	const page = useLatest(() => {
		const box = scroller.current;
		const now = place.current;
		if (!box || !now.settled || now.paging || now.held || hasFailed || box.clientHeight === 0) return;
		const below = box.scrollHeight - box.scrollTop - box.clientHeight;
		const load =
			hasOlder && box.scrollTop < PAGE_PX
				? () => handle.loadOlder()
				: hasNewer && below < PAGE_PX
					? () => handle.loadNewer()
					: null;
		if (!load) return;
		now.paging = true;
		load()
			.catch(() => setFailed(true))
			.finally(() => {
				now.paging = false;
			});
	});

	const onScroll = useLatest(() => {
		const box = scroller.current;
		if (!box) return;
		const now = place.current;
		const isNear = box.scrollHeight - box.scrollTop - box.clientHeight < END_PX;
		// Only going up leaves the end: what grows below does not.
		if (isNear && !hasNewer) now.stuck = true;
		else if (box.scrollTop < now.top - 1) now.stuck = false;
		now.top = box.scrollTop;
		setAtEnd(isNear && !hasNewer);
		page();
	});

	/** Another part of the chat is shown: at the line for unread messages, else at the end. */
	const begin = useLatest(() => {
		const now = place.current;
		if (now.held || rows.length === 0) return;
		const line = now.touched ? -1 : rows.findIndex(row => row.unread !== null);
		if (line > 0) {
			now.stuck = false;
			virtual.current?.scrollToIndex(line, { align: "start", offset: -LINE_PX });
		} else {
			now.stuck = !hasNewer;
			toEnd();
		}
	});

	// biome-ignore lint/correctness/useExhaustiveDependencies: another epoch is another beginning.
	useLayoutEffect(() => {
		begin();
		if (!isLive) return;
		// Measured first, then it may ask for pages.
		const timer = setTimeout(() => {
			place.current.settled = true;
			onScroll();
		}, 120);
		return () => clearTimeout(timer);
	}, [epoch, isLive, begin, onScroll]);

	// biome-ignore lint/correctness/useExhaustiveDependencies: what came may be below, and may not be enough.
	useLayoutEffect(() => {
		const now = place.current;
		if (!now.settled && !now.touched) begin();
		else if (now.stuck && !now.held) toEnd();
		const timer = setTimeout(page, 50);
		return () => clearTimeout(timer);
	}, [rows, begin, toEnd, page]);

	useEffect(() => {
		const [box, inside] = [scroller.current, content.current];
		if (!box || !inside) return;
		const observer = new ResizeObserver(() => {
			if (place.current.stuck && !place.current.held) box.scrollTop = box.scrollHeight;
			else page();
		});
		observer.observe(box);
		observer.observe(inside);
		const touch = () => {
			place.current.touched = true;
		};
		for (const name of ["wheel", "touchmove", "keydown", "pointerdown"]) {
			box.addEventListener(name, touch, { passive: true });
		}
		return () => {
			observer.disconnect();
			for (const name of ["wheel", "touchmove", "keydown", "pointerdown"])
				box.removeEventListener(name, touch);
		};
	}, [page]);

	const toLatest = useLatest(() => {
		const now = place.current;
		now.touched = true;
		now.stuck = true;
		if (hasNewer) handle.jumpToLatest().catch(() => setFailed(true));
		else toEnd();
	});
	useEffect(() => {
		if (ownKey !== null) toLatest();
	}, [ownKey, toLatest]);

	const toIndex = useLatest((index: number, align: "center" | "nearest") => {
		const now = place.current;
		now.touched = true;
		if (align === "center" || index < rows.length - 1) now.stuck = false;
		virtual.current?.scrollToIndex(index, { align });
	});
	return {
		scroller,
		content,
		virtual,
		atEnd,
		hasFailed,
		tryAgain: () => {
			setFailed(false);
			setTimeout(page);
		},
		onScroll,
		toIndex,
		toLatest,
		hold: () => {
			place.current.held = true;
		},
		release: () => {
			place.current.held = false;
		},
	};
}

/** The highest place that can be seen; null where none can. */
export function lastVisibleSeq({ scroller, virtual }: Scroller, rows: SteppedRows["rows"]): number | null {
	const [box, list] = [scroller.current, virtual.current];
	if (!box || !list || box.clientHeight === 0 || rows.length === 0) return null;
	const bottom = list.scrollOffset + box.clientHeight;
	let index = Math.min(rows.length - 1, list.findItemIndex(bottom));
	// A row of which only the first line shows is not read.
	while (index > 0 && list.getItemOffset(index) + Math.min(list.getItemSize(index), SEEN_PX) > bottom + 2)
		index--;
	for (; index >= 0; index--) {
		const seq = rows[index]?.message.seq ?? null;
		if (seq !== null) return seq;
	}
	return null;
}

const SEEN_PX = 40;
