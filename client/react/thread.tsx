import type { ShownMessage, Message as WireMessage } from "@parley/client";
import { useState } from "react";
import { Composer } from "./composer/composer.tsx";
import { useClient, useSlot, useTexts } from "./context.tsx";
import { Dialogs } from "./conversation.tsx";
import { ConversationProvider, useConversation } from "./conversation-context.tsx";
import { EmptyState } from "./empty-state.tsx";
import { useChat } from "./hooks/use-chat.ts";
import { useChatName } from "./hooks/use-chat-name.ts";
import { useChatState } from "./hooks/use-chat-state.ts";
import { useThread } from "./hooks/use-thread.ts";
import { useMe } from "./hooks/use-user.ts";
import { BellIcon, MutedIcon, ThreadIcon } from "./icons.tsx";
import { MessageList } from "./lists/message-list.tsx";
import { Message } from "./message/message.tsx";
import { PanelFrame } from "./panel-frame.tsx";
import type { ThreadProps } from "./slots.ts";

/** The thread on a message: the message on top, its replies, and a composer. It is made by the first reply. */
export function Thread({ messageId, onClose }: ThreadProps) {
	const texts = useTexts();
	const client = useClient();
	const { root, chatId, start } = useThread(messageId);
	const { name } = useChatName(useChat().chat);
	const Frame = useSlot("PanelFrame", PanelFrame);
	const Empty = useSlot("EmptyState", EmptyState);
	const Write = useSlot("Composer", Composer);
	const begin = async (content: string, mentions: string[]) => {
		const id = await start();
		client.chat(id).send({ content, ...(mentions.length > 0 && { mentions }) });
	};
	return (
		<Frame
			title={name ? texts.list.threadIn(name) : texts.thread.title}
			icon={<ThreadIcon />}
			onClose={onClose}
			actions={chatId !== null && <FollowButton chatId={chatId} />}
		>
			<div className="parley-thread">
				{root && <Root message={root} />}
				{root === null && <p className="parley-note">{texts.message.quoteMissing}</p>}
				{chatId !== null ? (
					<ConversationProvider chatId={chatId}>
						<Replies />
					</ConversationProvider>
				) : (
					root && (
						<>
							<div className="parley-thread-empty">
								<Empty icon={<ThreadIcon />} title={texts.thread.start} text={texts.thread.startText} />
							</div>
							<Write onSend={begin} autoFocus />
						</>
					)
				)}
			</div>
		</Frame>
	);
}

function Replies() {
	const List = useSlot("MessageList", MessageList);
	const Write = useSlot("Composer", Composer);
	return (
		<>
			<List />
			<Write autoFocus />
			<Dialogs />
		</>
	);
}

/** What the thread hangs on, as it is shown in its own chat. */
function Root({ message }: { message: ShownMessage | WireMessage }) {
	const me = useMe();
	const { chatId } = useConversation();
	const { chat, self } = useChatState(chatId, state => ({ chat: state.chat, self: state.self }));
	const Part = useSlot("Message", Message);
	if (!chat) return null;
	const shown: ShownMessage =
		"key" in message
			? message
			: {
					...message,
					key: message.id,
					isOwn: message.senderId === me?.id,
					delivery: { state: "sent" },
					change: null,
				};
	return (
		<article className="parley-thread-root" tabIndex={-1}>
			<Part
				// The thread is open: a link to it would lead here.
				message={{ ...shown, thread: null }}
				chat={chat}
				self={self}
				position="single"
				isEntered={false}
				isHighlighted={false}
			/>
		</article>
	);
}

/** Who follows a thread hears of its replies. */
function FollowButton({ chatId }: { chatId: string }) {
	const texts = useTexts();
	const client = useClient();
	const { isFollowing, isLive } = useChatState(chatId, ({ self, status }) => ({
		isFollowing: self !== null && self.leftAt === null,
		isLive: status === "live",
	}));
	const [isBusy, setBusy] = useState(false);
	const change = () => {
		const handle = client.chat(chatId);
		const done = () => setBusy(false);
		setBusy(true);
		(isFollowing ? handle.leave() : handle.join()).then(done, done);
	};
	const label = isFollowing ? texts.thread.unfollow : texts.thread.follow;
	return (
		<button
			type="button"
			className="parley-icon-button"
			disabled={!isLive || isBusy}
			aria-label={label}
			title={label}
			onClick={change}
		>
			{isFollowing ? <MutedIcon /> : <BellIcon />}
		</button>
	);
}
