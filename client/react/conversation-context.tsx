import type { ChatHandle, JumpTarget, ShownMessage } from "@parley/client";
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";
import { useClient } from "./context.tsx";

/** What stands beside a conversation. */
export type Panel =
	| { kind: "thread"; messageId: string }
	| { kind: "members" }
	| { kind: "pins" }
	| { kind: "details" };

/** What the composer does: something new, an answer, or a change of what was sent. */
export type ComposerMode =
	| { kind: "new" }
	| { kind: "reply"; message: ShownMessage }
	| {
			kind: "edit";
			message: ShownMessage;
			/** Those of an edit that was refused, in place of the message's. */
			words?: string;
	  };

export interface Jump {
	target: JumpTarget;
	/** Another number for each jump, also to the same place. */
	id: number;
}

/** What the parts of one conversation share. */
export interface Conversation {
	chatId: string;
	handle: ChatHandle;
	mode: ComposerMode;
	setMode: (mode: ComposerMode) => void;
	/** The message that is being forwarded, or whose receipts are shown: a dialog is open for it. */
	dialog: { kind: "forward" | "receipts"; message: ShownMessage } | null;
	setDialog: (dialog: Conversation["dialog"]) => void;
	/** The newest wish to go to a message; the message list follows it. */
	jump: Jump | null;
	jumpTo: (target: JumpTarget) => void;
	panel: Panel | null;
	setPanel: (panel: Panel | null) => void;
	/** Shows somebody's profile; missing where the product has none. */
	openPerson?: (userId: string) => void;
	/** Shows another chat; missing outside a messenger. */
	openChat?: (chatId: string) => void;
}

const ConversationContext = createContext<Conversation | null>(null);

export interface ConversationProviderProps {
	chatId: string;
	panel?: Panel | null;
	onPanelChange?: (panel: Panel | null) => void;
	onPerson?: (userId: string) => void;
	onChat?: (chatId: string) => void;
	children: ReactNode;
}

/** Opens a chat for as long as it is shown, and is what the parts inside talk about. */
export function ConversationProvider(props: ConversationProviderProps) {
	const { chatId, onPanelChange, children } = props;
	const outer = useContext(ConversationContext);
	const openPerson = props.onPerson ?? outer?.openPerson;
	const openChat = props.onChat ?? outer?.openChat;
	const client = useClient();
	const handle = useMemo(() => client.chat(chatId), [client, chatId]);
	useEffect(() => handle.open(), [handle]);

	const [mode, setMode] = useState<ComposerMode>({ kind: "new" });
	const [dialog, setDialog] = useState<Conversation["dialog"]>(null);
	const [jump, setJump] = useState<Jump | null>(null);
	const [ownPanel, setOwnPanel] = useState<Panel | null>(null);
	const panel = props.panel === undefined ? ownPanel : props.panel;

	// What was begun in one chat is not carried into the next.
	const [shownId, setShownId] = useState(chatId);
	if (shownId !== chatId) {
		setShownId(chatId);
		setMode({ kind: "new" });
		setDialog(null);
		setJump(null);
		setOwnPanel(null);
	}

	const value = useMemo<Conversation>(
		() => ({
			chatId,
			handle,
			mode,
			setMode,
			dialog,
			setDialog,
			jump,
			jumpTo: target => setJump(before => ({ target, id: (before?.id ?? 0) + 1 })),
			panel,
			setPanel: next => {
				setOwnPanel(next);
				onPanelChange?.(next);
			},
			openPerson,
			openChat,
		}),
		[chatId, handle, mode, dialog, jump, panel, onPanelChange, openPerson, openChat],
	);
	return <ConversationContext value={value}>{children}</ConversationContext>;
}

/** @throws outside a `ConversationProvider` */
export function useConversation(): Conversation {
	const conversation = useContext(ConversationContext);
	if (!conversation) throw new Error("This belongs inside a <ConversationProvider>.");
	return conversation;
}

/** The chat that is named, else that of the conversation around. @throws where there is neither */
export function useHandle(chatId?: string): ChatHandle {
	const client = useClient();
	const around = useContext(ConversationContext);
	const id = chatId ?? around?.chatId;
	if (id === undefined) throw new Error("Name a chat, or put this inside a <ConversationProvider>.");
	return useMemo(() => client.chat(id), [client, id]);
}
