import { useCallback, useEffect, useRef, useState } from "react";
import { useTexts } from "../i18n/i18n.ts";
import { type Problem, problemOf } from "./problem.rules.ts";

interface Page<T> {
	items: T[];
	nextCursor: string | null;
}

export interface Pages<T> {
	/** Null until the first page is there. */
	items: readonly T[] | null;
	/** What is shown answers this key, not the one before. */
	isCurrent: boolean;
	hasMore: boolean;
	busy: boolean;
	problem: Problem | null;
	more(): void;
	reload(): void;
	/** Changes what is shown, without asking again. */
	edit(change: (items: readonly T[]) => readonly T[]): void;
}

const TYPING_MS = 200;
/** Nobody reads on beyond this; a search finds what is further down. */
const ITEMS_MAX = 1_000;

/** A list of the server's, page by page; asked again, after a pause of typing, when `key` changes. */
export function usePages<T>(ask: (cursor?: string) => Promise<Page<T>>, key: string): Pages<T> {
	const t = useTexts();
	const [state, setState] = useState<{
		items: readonly T[] | null;
		cursor: string | null;
		/** Which one the items answer. */
		key: string | null;
	}>({ items: null, cursor: null, key: null });
	const [busy, setBusy] = useState(true);
	const [problem, setProblem] = useState<Problem | null>(null);
	/** For which key there was an answer, if only that there is none. */
	const [answered, setAnswered] = useState<string | null>(null);
	/** Counts the questions: an answer to any but the last one comes too late. */
	const question = useRef(0);
	const latest = useRef({ ask, t, key });
	latest.current = { ask, t, key };

	const load = useCallback(async (cursor?: string) => {
		const mine = ++question.current;
		const { key } = latest.current;
		setBusy(true);
		try {
			const page = await latest.current.ask(cursor);
			if (mine !== question.current) return;
			setProblem(null);
			setState(before => ({
				items: cursor ? [...(before.items ?? []), ...page.items].slice(0, ITEMS_MAX) : page.items,
				cursor: page.nextCursor,
				key,
			}));
		} catch (error) {
			if (mine === question.current) setProblem(problemOf(error, latest.current.t));
		} finally {
			if (mine === question.current) {
				setAnswered(key);
				setBusy(false);
			}
		}
	}, []);

	const isFirst = useRef(true);
	// biome-ignore lint/correctness/useExhaustiveDependencies: `key` is what makes it another list.
	useEffect(() => {
		const timer = setTimeout(() => void load(), isFirst.current ? 0 : TYPING_MS);
		isFirst.current = false;
		return () => clearTimeout(timer);
	}, [key, load]);

	return {
		items: state.items,
		hasMore: state.cursor !== null && (state.items?.length ?? 0) < ITEMS_MAX,
		isCurrent: state.key === key,
		busy: busy || answered !== key,
		problem,
		more: () => state.cursor && void load(state.cursor),
		reload: () => void load(),
		edit: change => setState(before => ({ ...before, items: change(before.items ?? []) })),
	};
}
