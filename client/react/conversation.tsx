import type { ReactNode } from "react";
import { ChatDetails } from "./chat-details.tsx";
import { ChatHeader } from "./chat-header.tsx";
import { Composer } from "./composer/composer.tsx";
import { useSlot } from "./context.tsx";
import {
	ConversationProvider,
	type ConversationProviderProps,
	type Panel,
	useConversation,
} from "./conversation-context.tsx";
import { ForwardDialog } from "./forward-dialog.tsx";
import { MessageList } from "./lists/message-list.tsx";
import { TypingIndicator } from "./lists/typing-indicator.tsx";
import { MemberList } from "./member-list.tsx";
import { Pins } from "./pins.tsx";
import { ReceiptsDialog } from "./receipts-dialog.tsx";
import type { ChatHeaderProps } from "./slots.ts";
import { Thread } from "./thread.tsx";

export interface ConversationProps extends Omit<ConversationProviderProps, "children">, ChatHeaderProps {
	/** Draws a panel of the product's own; undefined leaves it to the kit. */
	renderPanel?: (panel: Panel, close: () => void) => ReactNode;
}

/** One chat as a whole: header, messages, composer, and what stands beside it. */
export function Conversation({ onBack, actions, renderPanel, ...provided }: ConversationProps) {
	return (
		<ConversationProvider {...provided}>
			<div className="parley-conversation">
				<div className="parley-conversation-columns">
					<Main onBack={onBack} actions={actions} />
					<Side renderPanel={renderPanel} />
				</div>
			</div>
			<Dialogs />
		</ConversationProvider>
	);
}

function Main(props: ChatHeaderProps) {
	const { chatId } = useConversation();
	const Header = useSlot("ChatHeader", ChatHeader);
	const List = useSlot("MessageList", MessageList);
	const Typing = useSlot("TypingIndicator", TypingIndicator);
	const Write = useSlot("Composer", Composer);
	return (
		<div className="parley-main">
			<Header {...props} />
			<List />
			<Typing />
			<Write key={chatId} />
		</div>
	);
}

function Side({ renderPanel }: Pick<ConversationProps, "renderPanel">) {
	const { panel, setPanel, openPerson } = useConversation();
	const Details = useSlot("ChatDetails", ChatDetails);
	const Members = useSlot("MemberList", MemberList);
	const Pinned = useSlot("Pins", Pins);
	const Replies = useSlot("Thread", Thread);
	if (!panel) return null;
	const close = () => setPanel(null);
	const own = renderPanel?.(panel, close);
	return (
		<div className="parley-side" data-panel={panel.kind}>
			{own !== undefined ? (
				own
			) : panel.kind === "thread" ? (
				<Replies key={panel.messageId} messageId={panel.messageId} onClose={close} />
			) : panel.kind === "members" ? (
				<Members onClose={close} onPerson={openPerson} />
			) : panel.kind === "pins" ? (
				<Pinned onClose={close} />
			) : (
				<Details onClose={close} />
			)}
		</div>
	);
}

/** For a message of this conversation; the thread beside it has its own. */
export function Dialogs() {
	const { dialog, setDialog } = useConversation();
	const Forward = useSlot("ForwardDialog", ForwardDialog);
	const Info = useSlot("ReceiptsDialog", ReceiptsDialog);
	if (!dialog) return null;
	const Shown = dialog.kind === "forward" ? Forward : Info;
	return <Shown message={dialog.message} onClose={() => setDialog(null)} />;
}
