import type { ErrorCode } from "@parley/client";
import { useRef, useState } from "react";
import { useTexts } from "../i18n/i18n.ts";
import { type Problem, problemOf } from "./problem.rules.ts";

export interface Action<A extends unknown[]> {
	busy: boolean;
	problem: Problem | null;
	/** Answers whether it worked. A second call while the first one runs does nothing. */
	run(...args: A): Promise<boolean>;
	clear(): void;
}

/** Something that is asked of the server, and what is shown while it runs and when it fails. */
export function useAction<A extends unknown[]>(
	work: (...args: A) => Promise<unknown>,
	own?: Partial<Record<ErrorCode, string>>,
): Action<A> {
	const t = useTexts();
	const [busy, setBusy] = useState(false);
	const [problem, setProblem] = useState<Problem | null>(null);
	const isRunning = useRef(false);
	return {
		busy,
		problem,
		clear: () => setProblem(null),
		async run(...args) {
			if (isRunning.current) return false;
			isRunning.current = true;
			setBusy(true);
			setProblem(null);
			try {
				await work(...args);
				return true;
			} catch (error) {
				setProblem(problemOf(error, t, own));
				return false;
			} finally {
				isRunning.current = false;
				setBusy(false);
			}
		},
	};
}
