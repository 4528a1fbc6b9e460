import { useClient } from "@parley/react";
import { jump } from "../frame/jump.ts";
import { useTexts } from "../i18n/i18n.ts";
import { Dialog } from "../parts/dialog.tsx";
import { Field, ProblemNote } from "../parts/form.tsx";
import { textOf } from "../parts/form-data.ts";
import { useAction } from "../parts/use-action.ts";
import type { DialogProps } from "./open-dialog.tsx";

/** Goes to the first message of a day. */
export default function JumpToDate({ onClose, chatId }: DialogProps) {
	const t = useTexts();
	const client = useClient();
	const { busy, problem, run } = useAction(
		async (day: string) => {
			if (!chatId) return;
			// Midnight where the person is.
			const seq = await client.chat(chatId).jumpTo({ date: new Date(`${day}T00:00`) });
			onClose();
			// It is loaded now; the list goes there, and shows where it is.
			jump.set({ chatId, target: { seq } });
		},
		{ NOT_FOUND: t.noneThatDay },
	);
	const today = new Date().toLocaleDateString("sv");
	return (
		<Dialog title={t.jumpToDate} onClose={onClose} form="small">
			<form
				className="app-form"
				onSubmit={event => {
					event.preventDefault();
					void run(textOf(new FormData(event.currentTarget), "day"));
				}}
			>
				<Field label={t.jumpToDate} name="day" type="date" max={today} defaultValue={today} required />
				<ProblemNote problem={problem} />
				<div className="app-buttons">
					<button type="button" className="app-button" onClick={onClose}>
						{t.cancel}
					</button>
					<button type="submit" className="app-button app-button-main" disabled={busy}>
						{t.jump}
					</button>
				</div>
			</form>
		</Dialog>
	);
}
