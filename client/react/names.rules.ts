import type { Chat, InboxEntry, Message, MessageType, UserCard } from "@parley/client";
import type { Texts } from "./i18n/en.ts";

/** What a chat is called: its name, the other person's, or what kind of chat it is; a thread by the chat it is in. */
export function chatName(
	chat: Chat | null,
	other: UserCard | null,
	texts: Texts,
	parentName?: string,
): string {
	if (chat?.name) return chat.name;
	if (!chat) return "";
	if (chat.type === "direct") return other?.displayName ?? texts.list.deletedUser;
	if (chat.type === "thread") return parentName ? texts.list.threadIn(parentName) : texts.list.thread;
	return chat.type === "channel" ? texts.list.unnamedChannel : texts.list.unnamedGroup;
}

/** The same of an entry of the inbox, which may hold the chat that a thread is in. */
export function entryName(entry: InboxEntry, items: readonly InboxEntry[], texts: Texts): string {
	const { parentChatId } = entry.chat;
	const parent = parentChatId === null ? undefined : items.find(({ chat }) => chat.id === parentChatId);
	return chatName(entry.chat, entry.other, texts, parent && chatName(parent.chat, parent.other, texts));
}

export interface Preview {
	/** Put before the text: `You`, or who wrote it where there are more than two. */
	sender: string | null;
	text: string;
	/** Not words of a person: shown more quietly. */
	isQuiet: boolean;
}

/** One line about a chat's last message. */
export function previewOf(
	entry: {
		chat: Pick<Chat, "type">;
		lastMessage: Pick<Message, "type" | "content" | "isDeleted" | "senderId"> | null;
	},
	about: { meId: string | undefined; senderName: string | undefined; texts: Texts },
): Preview {
	const { lastMessage: message, chat } = entry;
	const { meId, senderName, texts } = about;
	if (!message) return { sender: null, text: texts.list.noMessages, isQuiet: true };
	const isOwn = message.senderId === meId;
	const sender = isOwn ? texts.list.you : chat.type === "direct" ? null : (senderName ?? null);
	if (message.isDeleted) return { sender, text: texts.list.deletedMessage, isQuiet: true };
	return { sender, text: bodyOf(message, texts), isQuiet: message.type === "system" };
}

/** The words of a message in one line; of other kinds what it is. */
export function bodyOf(message: Pick<Message, "type" | "content" | "isDeleted">, texts: Texts): string {
	if (message.isDeleted) return texts.list.deletedMessage;
	const words = message.content?.replace(/\s+/g, " ").trim() ?? "";
	if (message.type === "text" || message.type === "system") return words;
	const kind = kindOf(message.type, texts);
	return words === "" ? kind : `${kind}: ${words}`;
}

function kindOf(type: Exclude<MessageType, "text" | "system">, { list }: Texts): string {
	const kinds = { image: list.photo, file: list.file, audio: list.audio, video: list.video };
	return type === "custom" ? list.attachment : kinds[type];
}

/** Case, accents and the width of signs make no difference to who looks for something. */
export function matches(name: string, wanted: string): boolean {
	return plain(name).includes(plain(wanted.trim()));
}

function plain(text: string): string {
	return text.normalize("NFKD").replace(/\p{M}/gu, "").toLocaleLowerCase();
}
