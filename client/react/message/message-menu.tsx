import { Menu } from "@base-ui/react/menu";
import { Popover } from "@base-ui/react/popover";
import { type ComponentType, type ReactNode, type SVGProps, useRef } from "react";
import { EmojiPicker } from "../composer/emoji-picker.tsx";
import { useParley, useSlot } from "../context.tsx";
import {
	AddReactionIcon,
	CopyIcon,
	DeleteIcon,
	EditIcon,
	ForwardIcon,
	InfoIcon,
	LinkIcon,
	MoreIcon,
	PinIcon,
	ReadAllIcon,
	ReplyIcon,
	RetryIcon,
	ThreadIcon,
	UnpinIcon,
} from "../icons.tsx";
import { ConfirmDialog } from "../modal.tsx";
import type { MessagePartProps } from "../slots.ts";
import { QUICK_REACTIONS } from "./emoji.rules.ts";
import { useMessageState } from "./message-state.tsx";
import type { MessageAction } from "./rights.ts";
import { type MessageActions, useMessageActions } from "./use-message-actions.ts";

type Icon = ComponentType<SVGProps<SVGSVGElement>>;

const ICONS: Record<MessageAction, Icon> = {
	react: AddReactionIcon,
	reply: ReplyIcon,
	thread: ThreadIcon,
	edit: EditIcon,
	copy: CopyIcon,
	copyLink: LinkIcon,
	forward: ForwardIcon,
	pin: PinIcon,
	unpin: UnpinIcon,
	read: ReadAllIcon,
	receipts: InfoIcon,
	delete: DeleteIcon,
	retry: RetryIcon,
	discard: DeleteIcon,
};

/** Those that have a button of their own beside the menu. */
const ON_BAR = ["reply", "thread"] as const;
/** Those after which the focus is the composer's. */
const TO_COMPOSER: readonly MessageAction[] = ["reply", "edit"];
/** Those that open something which takes the focus and gives it back. */
const TO_DIALOG: readonly MessageAction[] = ["forward", "receipts", "delete"];

/** What one may do with a message: a bar of the most used, and a menu of all. */
export function MessageMenu({ message, isEntered }: MessagePartProps) {
	const { texts } = useParley();
	const { open, setOpen, isTouched, row } = useMessageState();
	const does = useMessageActions(message);
	const label = useActionLabels();
	if (does.allowed.length === 0) return null;
	const tabIndex = isEntered ? 0 : -1;
	return (
		<fieldset className="parley-bar" aria-label={texts.actions.label} data-touched={isTouched || undefined}>
			{does.allowed.includes("react") && <ReactButton does={does} tabIndex={tabIndex} />}
			{ON_BAR.filter(action => does.allowed.includes(action)).map(action => {
				const Drawn = ICONS[action];
				return (
					<button
						key={action}
						type="button"
						className="parley-bar-button"
						tabIndex={tabIndex}
						aria-label={label[action]}
						title={label[action]}
						onClick={() => does.run(action)}
					>
						<Drawn width={18} height={18} />
					</button>
				);
			})}
			<ActionsMenu does={does} tabIndex={tabIndex} isEntered={isEntered} />
			{open === "delete" && (
				<ConfirmDialog
					title={texts.actions.deleteTitle}
					text={texts.actions.deleteText}
					action={texts.actions.delete}
					onConfirm={does.remove}
					onClose={() => setOpen(null)}
					finalFocus={row}
				/>
			)}
		</fieldset>
	);
}

function ReactButton({ does, tabIndex }: { does: MessageActions; tabIndex: 0 | -1 }) {
	const { texts, portal } = useParley();
	const { open, setOpen, row } = useMessageState();
	const Picker = useSlot("EmojiPicker", EmojiPicker);
	const pick = (emoji: string) => {
		setOpen(null);
		does.react(emoji);
	};
	return (
		<Popover.Root open={open === "picker"} onOpenChange={isOpen => setOpen(isOpen ? "picker" : null)}>
			<Popover.Trigger
				className="parley-bar-button"
				tabIndex={tabIndex}
				aria-label={texts.actions.react}
				title={texts.actions.react}
			>
				<AddReactionIcon width={18} height={18} />
			</Popover.Trigger>
			<Popover.Portal container={portal}>
				<Popover.Positioner sideOffset={6} align="end" collisionPadding={8} className="parley-positioner">
					<Popover.Popup
						className="parley-popover"
						aria-label={texts.actions.react}
						finalFocus={tabIndex === 0 ? true : () => row() ?? true}
					>
						<div className="parley-quick">
							{QUICK_REACTIONS.map(emoji => (
								<button
									key={emoji}
									type="button"
									className="parley-quick-one"
									aria-label={texts.reactions.add(emoji)}
									onClick={() => pick(emoji)}
								>
									{emoji}
								</button>
							))}
						</div>
						<Picker onPick={pick} />
					</Popover.Popup>
				</Popover.Positioner>
			</Popover.Portal>
		</Popover.Root>
	);
}

interface ActionsMenuProps {
	does: MessageActions;
	tabIndex: 0 | -1;
	isEntered: boolean;
}

function ActionsMenu({ does, tabIndex, isEntered }: ActionsMenuProps) {
	const { texts, portal } = useParley();
	const { open, setOpen, isTouched, row, bubble } = useMessageState();
	const label = useActionLabels();
	const chosen = useRef<MessageAction | null>(null);
	const run = (action: MessageAction) => {
		chosen.current = action;
		// A dialog gives the focus back to where it was: the row, not the menu that is about to go.
		if (TO_DIALOG.includes(action)) row()?.focus({ preventScroll: true });
		does.run(action);
	};
	const finalFocus = () => {
		const action = chosen.current;
		chosen.current = null;
		if (action && (TO_COMPOSER.includes(action) || TO_DIALOG.includes(action))) return false;
		return isEntered ? true : (row() ?? true);
	};
	return (
		<Menu.Root
			open={open === "menu"}
			modal={false}
			onOpenChange={isOpen => {
				// What an item opened takes the menu's place.
				if (isOpen) setOpen("menu");
				else setOpen(chosen.current === "delete" ? "delete" : null);
			}}
		>
			<Menu.Trigger
				className="parley-bar-button"
				tabIndex={tabIndex}
				aria-label={texts.actions.more}
				title={texts.actions.more}
			>
				<MoreIcon width={18} height={18} />
			</Menu.Trigger>
			<Menu.Portal container={portal}>
				<Menu.Positioner
					anchor={isTouched ? bubble : undefined}
					sideOffset={6}
					align="end"
					collisionPadding={8}
					className="parley-positioner"
				>
					<Menu.Popup className="parley-menu" finalFocus={finalFocus}>
						{does.allowed.includes("react") && (
							<Menu.Group className="parley-menu-quick" aria-label={texts.actions.react}>
								{QUICK_REACTIONS.map(emoji => (
									<Menu.Item
										key={emoji}
										className="parley-quick-one"
										aria-label={texts.reactions.add(emoji)}
										onClick={() => does.react(emoji)}
									>
										{emoji}
									</Menu.Item>
								))}
							</Menu.Group>
						)}
						{does.allowed
							.filter(action => action !== "react")
							.map(action => (
								<ActionItem key={action} action={action} onRun={run}>
									{label[action]}
								</ActionItem>
							))}
					</Menu.Popup>
				</Menu.Positioner>
			</Menu.Portal>
		</Menu.Root>
	);
}

interface ActionItemProps {
	action: MessageAction;
	onRun: (action: MessageAction) => void;
	children: ReactNode;
}

function ActionItem({ action, onRun, children }: ActionItemProps) {
	const Drawn = ICONS[action];
	return (
		<Menu.Item
			className="parley-menu-item"
			data-danger={action === "delete" || action === "discard" || undefined}
			onClick={() => onRun(action)}
		>
			<Drawn width={18} height={18} />
			{children}
		</Menu.Item>
	);
}

function useActionLabels(): Record<MessageAction, string> {
	const { actions, message, people } = useParley().texts;
	return {
		react: actions.react,
		reply: actions.reply,
		thread: actions.replyInThread,
		edit: actions.edit,
		copy: actions.copy,
		copyLink: actions.copyLink,
		forward: actions.forward,
		pin: actions.pin,
		unpin: actions.unpin,
		read: people.readUpToHere,
		receipts: actions.info,
		delete: actions.delete,
		retry: message.retry,
		discard: message.discard,
	};
}
