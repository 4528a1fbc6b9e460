/** Parley for React: hooks, parts, and the whole messenger as one element. */
export { hueOf, initialsOf } from "./avatar.rules.ts";
export { Avatar } from "./avatar.tsx";
export { ChatDetails } from "./chat-details.tsx";
export { ChatFace, type ChatFaceProps } from "./chat-face.tsx";
export { ChatHeader } from "./chat-header.tsx";
export { Composer } from "./composer/composer.tsx";
export { EmojiPicker } from "./composer/emoji-picker.tsx";
export { ConnectionBanner } from "./connection-banner.tsx";
export {
	type Parley,
	ParleyProvider,
	type ParleyProviderProps,
	type Theme,
	useClient,
	useParley,
	useSlot,
	useTexts,
} from "./context.tsx";
export { Conversation, type ConversationProps } from "./conversation.tsx";
export {
	type ComposerMode,
	type Conversation as ConversationState,
	ConversationProvider,
	type ConversationProviderProps,
	type Panel,
	useConversation,
} from "./conversation-context.tsx";
export { EmptyState } from "./empty-state.tsx";
export { ForwardDialog } from "./forward-dialog.tsx";
export { type UsedChat, useChat } from "./hooks/use-chat.ts";
export { type ChatName, useChatName } from "./hooks/use-chat-name.ts";
export { useConnection } from "./hooks/use-connection.ts";
export { useDraft } from "./hooks/use-draft.ts";
export { useFocused } from "./hooks/use-focused.ts";
export { type Format, useFormat } from "./hooks/use-format.ts";
export { type Inbox, useInbox } from "./hooks/use-inbox.ts";
export { type Members, useMembers } from "./hooks/use-members.ts";
export { useMessage } from "./hooks/use-message.ts";
export { type Messages, useMessages } from "./hooks/use-messages.ts";
export { usePresence } from "./hooks/use-presence.ts";
export { type UsedThread, useThread } from "./hooks/use-thread.ts";
export { type Typing, useTyping } from "./hooks/use-typing.ts";
export { useMe, useUser, useUsers } from "./hooks/use-user.ts";
export type { Texts } from "./i18n/en.ts";
export { directionOf, LANGUAGES, type Language, loadTexts, pickLanguage } from "./i18n/languages.ts";
export type { TextsOverride } from "./i18n/use-texts.ts";
export * as icons from "./icons.tsx";
export { ChatList } from "./lists/chat-list.tsx";
export { ChatListItem } from "./lists/chat-list-item.tsx";
export { DaySeparator, HistoryStart, JumpToLatest, UnreadLine } from "./lists/lines.tsx";
export { MessageList } from "./lists/message-list.tsx";
export { TypingIndicator } from "./lists/typing-indicator.tsx";
export { MemberList } from "./member-list.tsx";
export { Message } from "./message/message.tsx";
export { MessageContent } from "./message/message-content.tsx";
export { MessageMenu } from "./message/message-menu.tsx";
export { QuotedMessage } from "./message/quoted-message.tsx";
export { Reactions } from "./message/reactions.tsx";
export { Receipts } from "./message/receipts.tsx";
export { ThreadLink } from "./message/thread-link.tsx";
export { Messenger, type MessengerProps } from "./messenger.tsx";
export { ConfirmDialog, Modal } from "./modal.tsx";
export { bodyOf, chatName, entryName } from "./names.rules.ts";
export { PanelFrame } from "./panel-frame.tsx";
export { Pins } from "./pins.tsx";
export { ReceiptsDialog } from "./receipts-dialog.tsx";
export * from "./slots.ts";
export { Thread } from "./thread.tsx";
export { useReadable, useSelected } from "./use-readable.ts";
