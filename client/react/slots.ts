/**
 * The parts of the kit that a product may replace, by name, with the props that each is given. Where a part is replaced
 * in `<ParleyProvider slots={{ Message: MyMessage }}>`, every place that shows one shows the other.
 */
import type { Chat, InboxEntry, Member, ShownMessage, Status } from "@parley/client";
import type { ComponentType, ReactNode } from "react";

export interface AvatarProps {
	/** Gives the colour, which is the same everywhere. */
	id: string;
	name: string;
	url?: string | null;
	/** Pixels; 36 where it is missing. */
	size?: number;
	/** Shows a dot. */
	status?: Status | null;
}

export interface EmptyStateProps {
	icon?: ReactNode;
	title: string;
	text?: string;
	action?: ReactNode;
}

/** A side panel's frame: title, a way to close it, and what is in it. */
export interface PanelFrameProps {
	title: string;
	/** Before the title. */
	icon?: ReactNode;
	onClose?: () => void;
	actions?: ReactNode;
	children: ReactNode;
}

export interface ChatListProps {
	chatId: string | null;
	onSelect: (chatId: string) => void;
	/** In place of the title above the list. */
	header?: ReactNode;
	/** Shows a button for it. */
	onNewChat?: () => void;
}

export interface ChatListItemProps {
	entry: InboxEntry;
	isActive: boolean;
	/** 0 where Tab enters the list. */
	tabIndex: 0 | -1;
	onSelect: () => void;
}

export interface ChatHeaderProps {
	/** Shown where there is only one column. */
	onBack?: () => void;
	/** Buttons of the product's own, before the kit's. */
	actions?: ReactNode;
}

/** Where a message stands in a row of messages that one person sent one after another. */
export type Position = "single" | "first" | "middle" | "last";

export interface MessageProps {
	message: ShownMessage;
	chat: Chat;
	self: Member | null;
	position: Position;
	/** Enter was pressed on it: its controls are in the order of Tab; else they have `tabIndex={-1}`. */
	isEntered: boolean;
	/** It was just jumped to. */
	isHighlighted: boolean;
}

/** Of a part inside a message. */
export interface MessagePartProps {
	message: ShownMessage;
	isEntered: boolean;
}

export interface QuotedMessageProps {
	messageId: string;
	isEntered: boolean;
}

export interface ComposerProps {
	placeholder?: string;
	autoFocus?: boolean;
	/** In place of sending it to the conversation's chat; the text is kept where it rejects. */
	onSend?: (content: string, mentions: string[]) => void | Promise<void>;
}

export interface EmojiPickerProps {
	onPick: (emoji: string) => void;
}

export interface PanelProps {
	onClose: () => void;
}

export interface ThreadProps extends PanelProps {
	/** The message of the conversation's chat on which the thread hangs. */
	messageId: string;
}

export interface MemberListProps extends Partial<PanelProps> {
	/** Shows somebody's profile. */
	onPerson?: (userId: string) => void;
}

export interface OnMessageProps extends PanelProps {
	message: ShownMessage;
}

export interface Slots {
	Avatar: ComponentType<AvatarProps>;
	EmptyState: ComponentType<EmptyStateProps>;
	PanelFrame: ComponentType<PanelFrameProps>;
	/** Says that one is offline or reconnecting; nothing while all is well. */
	ConnectionBanner: ComponentType;
	ChatList: ComponentType<ChatListProps>;
	ChatListItem: ComponentType<ChatListItemProps>;
	ChatHeader: ComponentType<ChatHeaderProps>;
	ChatDetails: ComponentType<PanelProps>;
	MessageList: ComponentType;
	DaySeparator: ComponentType<{ date: Date }>;
	UnreadLine: ComponentType<{ count: number }>;
	/** Above the first message of a chat. */
	HistoryStart: ComponentType<{ chat: Chat }>;
	JumpToLatest: ComponentType<{ count: number; onClick: () => void }>;
	TypingIndicator: ComponentType;
	Message: ComponentType<MessageProps>;
	MessageContent: ComponentType<MessagePartProps>;
	MessageMenu: ComponentType<MessagePartProps>;
	Reactions: ComponentType<MessagePartProps>;
	/** The state of one's own message: pending, sent, delivered, read, failed. */
	Receipts: ComponentType<MessagePartProps>;
	ThreadLink: ComponentType<MessagePartProps>;
	QuotedMessage: ComponentType<QuotedMessageProps>;
	Composer: ComponentType<ComposerProps>;
	EmojiPicker: ComponentType<EmojiPickerProps>;
	Thread: ComponentType<ThreadProps>;
	MemberList: ComponentType<MemberListProps>;
	Pins: ComponentType<PanelProps>;
	ForwardDialog: ComponentType<OnMessageProps>;
	/** Who has got and read a message, and when. */
	ReceiptsDialog: ComponentType<OnMessageProps>;
}
