import { AlertDialog } from "@base-ui/react/alert-dialog";
import { Dialog } from "@base-ui/react/dialog";
import { type ReactNode, type RefObject, useState } from "react";
import { useParley } from "./context.tsx";
import { CloseIcon } from "./icons.tsx";

export interface ModalProps {
	title: string;
	/** Called once it has gone; it is shown for as long as it is mounted. */
	onClose: () => void;
	/** Below the content, where buttons stand. */
	footer?: (close: () => void) => ReactNode;
	initialFocus?: RefObject<HTMLElement | null>;
	/** Where the focus goes afterwards, if not where it was. */
	finalFocus?: () => HTMLElement | null;
	children: ReactNode;
}

/** A dialog in the kit's look; the focus stays in it and returns. */
export function Modal({ title, onClose, footer, initialFocus, finalFocus, children }: ModalProps) {
	const { portal, texts } = useParley();
	const [isOpen, setOpen] = useState(true);
	return (
		<Dialog.Root open={isOpen} onOpenChange={setOpen} onOpenChangeComplete={open => !open && onClose()}>
			<Dialog.Portal container={portal}>
				<Dialog.Backdrop className="parley-scrim" />
				<Dialog.Viewport className="parley-dialog-viewport">
					<Dialog.Popup
						className="parley-dialog"
						initialFocus={initialFocus}
						finalFocus={finalFocus && (() => finalFocus() ?? true)}
					>
						<header className="parley-dialog-head">
							<Dialog.Title className="parley-dialog-title">{title}</Dialog.Title>
							<Dialog.Close className="parley-icon-button" aria-label={texts.actions.close}>
								<CloseIcon />
							</Dialog.Close>
						</header>
						<div className="parley-dialog-body">{children}</div>
						{footer && <footer className="parley-dialog-foot">{footer(() => setOpen(false))}</footer>}
					</Dialog.Popup>
				</Dialog.Viewport>
			</Dialog.Portal>
		</Dialog.Root>
	);
}

export interface ConfirmDialogProps {
	title: string;
	text?: string;
	/** Of the button that does it. */
	action: string;
	isDangerous?: boolean;
	onConfirm: () => void;
	/** Called once it has gone, either way. */
	onClose: () => void;
	finalFocus?: () => HTMLElement | null;
}

/** Asks before something that cannot be taken back. */
export function ConfirmDialog(props: ConfirmDialogProps) {
	const { title, text, action, isDangerous = true, onConfirm, onClose, finalFocus } = props;
	const { portal, texts } = useParley();
	const [isOpen, setOpen] = useState(true);
	const confirm = () => {
		setOpen(false);
		onConfirm();
	};
	return (
		<AlertDialog.Root open={isOpen} onOpenChange={setOpen} onOpenChangeComplete={open => !open && onClose()}>
			<AlertDialog.Portal container={portal}>
				<AlertDialog.Backdrop className="parley-scrim" />
				<AlertDialog.Viewport className="parley-dialog-viewport">
					<AlertDialog.Popup
						className="parley-dialog parley-confirm"
						finalFocus={finalFocus && (() => finalFocus() ?? true)}
					>
						<AlertDialog.Title className="parley-dialog-title">{title}</AlertDialog.Title>
						{text && (
							<AlertDialog.Description className="parley-confirm-text">{text}</AlertDialog.Description>
						)}
						<div className="parley-confirm-buttons">
							<AlertDialog.Close className="parley-button">{texts.actions.cancel}</AlertDialog.Close>
							<button
								type="button"
								className="parley-button"
								data-look={isDangerous ? "danger" : "accent"}
								onClick={confirm}
							>
								{action}
							</button>
						</div>
					</AlertDialog.Popup>
				</AlertDialog.Viewport>
			</AlertDialog.Portal>
		</AlertDialog.Root>
	);
}

/** The row of a message, by its key: to it the focus returns from a dialog about it. */
export function rowOf(key: string): HTMLElement | null {
	return document.querySelector<HTMLElement>(`[data-row="${CSS.escape(key)}"]`);
}
