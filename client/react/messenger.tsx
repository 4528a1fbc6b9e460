import { type ReactNode, useState } from "react";
import { ConnectionBanner } from "./connection-banner.tsx";
import { useClient, useSlot, useTexts } from "./context.tsx";
import { Conversation, type ConversationProps } from "./conversation.tsx";
import type { Panel } from "./conversation-context.tsx";
import { EmptyState } from "./empty-state.tsx";
import { ChatIcon } from "./icons.tsx";
import { ChatList } from "./lists/chat-list.tsx";

export interface MessengerProps {
	/** The chat that is shown; own state where it is missing. */
	chatId?: string | null;
	onChatChange?: (chatId: string | null) => void;
	/** What stands beside the conversation; own state where it is missing. */
	panel?: Panel | null;
	onPanelChange?: (panel: Panel | null) => void;
	/** In place of the title above the chats. */
	header?: ReactNode;
	/** Below the chats: one's own profile, say. */
	footer?: ReactNode;
	/** Shows buttons for it. */
	onNewChat?: () => void;
	/** Shows somebody's profile; without it names are no buttons. */
	onPerson?: (userId: string) => void;
	/** Buttons of the product's own in a conversation's header. */
	actions?: ReactNode;
	renderPanel?: ConversationProps["renderPanel"];
	/** In place of the conversation: a page of the product's own. */
	children?: ReactNode;
}

/** The whole messenger: the chats, a conversation, and what stands beside it; as many columns as it has room for. */
export function Messenger(props: MessengerProps) {
	const { header, footer, onNewChat, onPerson, actions, renderPanel, children } = props;
	const client = useClient();
	const [ownChatId, setOwnChatId] = useState<string | null>(null);
	const [ownPanel, setOwnPanel] = useState<Panel | null>(null);
	const chatId = props.chatId === undefined ? ownChatId : props.chatId;
	const panel = props.panel === undefined ? ownPanel : props.panel;
	const List = useSlot("ChatList", ChatList);
	const Banner = useSlot("ConnectionBanner", ConnectionBanner);

	const setPanel = (next: Panel | null) => {
		setOwnPanel(next);
		props.onPanelChange?.(next);
	};
	const setChat = (next: string | null) => {
		if (next !== chatId) setPanel(null);
		setOwnChatId(next);
		props.onChatChange?.(next);
	};
	/** A thread stands beside the chat that it is in. */
	const select = (id: string) => {
		const thread = client.inbox.get().items.find(({ chat }) => chat.id === id)?.chat;
		if (!thread?.parentChatId || !thread.parentMessageId) return setChat(id);
		setChat(thread.parentChatId);
		setPanel({ kind: "thread", messageId: thread.parentMessageId });
	};
	const isChatShown = chatId !== null || children !== undefined;
	return (
		<div className="parley-messenger">
			<Banner />
			<div className="parley-columns" data-shows={isChatShown ? "chat" : "list"} data-panel={panel?.kind}>
				<div className="parley-column-list">
					<List chatId={chatId} onSelect={select} header={header} onNewChat={onNewChat} />
					{footer}
				</div>
				<main className="parley-column-chat">
					{children ??
						(chatId === null ? (
							<Nothing onNewChat={onNewChat} />
						) : (
							<Conversation
								chatId={chatId}
								panel={panel}
								onPanelChange={setPanel}
								onPerson={onPerson}
								onChat={setChat}
								onBack={() => setChat(null)}
								actions={actions}
								renderPanel={renderPanel}
							/>
						))}
				</main>
			</div>
		</div>
	);
}

function Nothing({ onNewChat }: Pick<MessengerProps, "onNewChat">) {
	const { messages, list } = useTexts();
	const Empty = useSlot("EmptyState", EmptyState);
	return (
		<div className="parley-main">
			<Empty
				icon={<ChatIcon />}
				title={messages.choose}
				text={onNewChat && messages.chooseText}
				action={
					onNewChat && (
						<button type="button" className="parley-button" data-look="accent" onClick={onNewChat}>
							{list.newChat}
						</button>
					)
				}
			/>
		</div>
	);
}
