import { useLayoutEffect, useState } from "react";
import { nextStep, type Row, reuseRows } from "./rows.rules.ts";

export interface SteppedRows {
	rows: readonly Row[];
	/** Rows came or went at the start: the list holds its place from the end. */
	shift: boolean;
	/** Another number each time that another part of the chat is shown. */
	epoch: number;
}

const NOTHING: SteppedRows = { rows: [], shift: false, epoch: 0 };

/** Shows `wanted` in steps of which each changes one end of the list; all of them before the next picture. */
export function useSteppedRows(wanted: readonly Row[]): SteppedRows {
	const [shown, setShown] = useState(NOTHING);
	useLayoutEffect(() => {
		const step = nextStep(shown.rows, wanted);
		const rows = reuseRows(shown.rows, step.rows);
		const isThere = rows.length === shown.rows.length && rows.every((row, i) => row === shown.rows[i]);
		if (isThere) return;
		setShown({ rows, shift: step.atStart, epoch: step.isOther ? shown.epoch + 1 : shown.epoch });
	}, [shown, wanted]);
	return shown;
}
