import type { ReactNode } from "react";
import { useTexts } from "../i18n/i18n.ts";
import { Dialog } from "./dialog.tsx";
import { ProblemNote } from "./form.tsx";
import type { Action } from "./use-action.ts";

interface ConfirmProps {
	title: string;
	children: ReactNode;
	/** The verb of what is done. */
	verb: string;
	action: Action<[]>;
	onDone(): void;
	onClose(): void;
}

/** Asks before what cannot be taken back. */
export function Confirm({ title, children, verb, action, onDone, onClose }: ConfirmProps) {
	const t = useTexts();
	return (
		<Dialog title={title} onClose={onClose} form="small">
			{children}
			<ProblemNote problem={action.problem} />
			<div className="app-buttons">
				<button type="button" className="app-button" onClick={onClose}>
					{t.cancel}
				</button>
				<button
					type="button"
					className="app-button app-button-danger"
					disabled={action.busy}
					onClick={async () => (await action.run()) && onDone()}
				>
					{verb}
				</button>
			</div>
		</Dialog>
	);
}
