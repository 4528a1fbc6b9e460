import { type ReactNode, useEffect, useId, useRef } from "react";
import { useTexts } from "../i18n/i18n.ts";
import { Icon } from "./icon.tsx";

interface DialogProps {
	title: string;
	onClose(): void;
	children: ReactNode;
	/** `side` is a drawer at the end of the page. */
	form?: "small" | "medium" | "side";
	/** Nothing in it can have the focus: then it is the text, so that keys scroll it. */
	isText?: boolean;
}

/** What one came for: a field to write in, the buttons at the end, else all of it; on a phone no keyboard jumps up. */
function firstOf(dialog: HTMLElement): HTMLElement {
	const fields = "input:not([type='radio'], [type='checkbox']), textarea";
	const field = matchMedia("(pointer: coarse)").matches ? null : `.app-dialog-body :is(${fields})`;
	const found = field && dialog.querySelector<HTMLElement>(field);
	return found ?? dialog.querySelector<HTMLElement>(".app-buttons button") ?? dialog;
}

/** The browser's own modal dialog: it keeps the focus within, closes on Esc, and gives the focus back. */
export function Dialog({ title, onClose, children, form = "medium", isText }: DialogProps) {
	const ref = useRef<HTMLDialogElement>(null);
	const titleId = useId();
	const t = useTexts();
	useEffect(() => {
		const dialog = ref.current;
		const before = document.activeElement;
		if (dialog && !dialog.open) {
			dialog.showModal();
			firstOf(dialog).focus();
		}
		return () => {
			dialog?.close();
			if (before instanceof HTMLElement && before.isConnected) before.focus();
		};
	}, []);
	return (
		// biome-ignore lint/a11y/useKeyWithClickEvents: a click beside the dialog; Esc does the same by the keyboard.
		<dialog
			ref={ref}
			tabIndex={-1}
			className={`app-dialog app-dialog-${form}`}
			aria-labelledby={titleId}
			onCancel={event => {
				event.preventDefault();
				onClose();
			}}
			onClick={event => event.target === ref.current && onClose()}
		>
			<div className="app-dialog-box">
				<header className="app-dialog-head">
					<h2 id={titleId}>{title}</h2>
					<button type="button" className="app-icon-button" aria-label={t.close} onClick={onClose}>
						<Icon name="close" />
					</button>
				</header>
				<div className="app-dialog-body" tabIndex={isText ? 0 : undefined}>
					{children}
				</div>
			</div>
		</dialog>
	);
}
