import type { ChatState, InboxEntry, ShownMessage } from "@parley/client";
import { ChatFace } from "../chat-face.tsx";
import { useClient, useTexts } from "../context.tsx";
import { useFormat } from "../hooks/use-format.ts";
import { usePresence } from "../hooks/use-presence.ts";
import { useMe, useUser } from "../hooks/use-user.ts";
import { ClockIcon, MentionIcon, MutedIcon } from "../icons.tsx";
import { bodyOf, entryName, previewOf } from "../names.rules.ts";
import type { ChatListItemProps } from "../slots.ts";
import { useReadable, useSelected } from "../use-readable.ts";

/** One chat in the list: who, what was said last and when, and what is unread. */
export function ChatListItem({ entry, isActive, tabIndex, onSelect }: ChatListItemProps) {
	const texts = useTexts();
	const format = useFormat();
	const { chat, other, unread, mentions, lastMessage } = entry;
	const presence = usePresence(chat.capabilities.presence ? other?.id : null);
	const items = useSelected(useClient().inbox, inbox => (chat.type === "thread" ? inbox.items : NONE));
	const name = entryName(entry, items, texts);
	const isMuted = isLater(entry.self.mutedUntil);
	const own = useSelected(useClient().chat(chat.id).state, ownOf);
	const ahead = own && isAhead(own, lastMessage) ? own : null;
	const last = ahead ?? lastMessage;

	return (
		<button
			type="button"
			className="parley-chat"
			aria-current={isActive ? "true" : undefined}
			data-unread={unread > 0 ? "" : undefined}
			data-muted={isMuted ? "" : undefined}
			data-chat={chat.id}
			tabIndex={tabIndex}
			onClick={onSelect}
		>
			<ChatFace
				isThread={chat.type === "thread"}
				id={other?.id ?? chat.id}
				name={name}
				url={other?.avatarUrl ?? chat.avatarUrl}
				size={44}
				status={presence?.status}
			/>
			<span className="parley-chat-top">
				<span className="parley-chat-name" dir="auto">
					{name}
				</span>
				{isMuted && (
					<span className="parley-chat-muted" title={texts.list.muted}>
						<MutedIcon width={15} height={15} />
						<span className="parley-hidden">{texts.list.muted}</span>
					</span>
				)}
				{last && (
					<time className="parley-chat-time" dateTime={last.createdAt}>
						{format.short(last.createdAt)}
					</time>
				)}
			</span>
			<span className="parley-chat-bottom">
				<PreviewLine entry={entry} ahead={ahead} isActive={isActive} />
				{mentions > 0 && (
					<span className="parley-badge" title={texts.list.mentions(mentions)}>
						<MentionIcon width={13} height={13} strokeWidth={2.2} />
						<span className="parley-hidden">{texts.list.mentions(mentions)}</span>
					</span>
				)}
				{unread > 0 && (
					<span className="parley-badge" data-quiet={isMuted ? "" : undefined}>
						<span aria-hidden="true">{format.badge(unread)}</span>
						<span className="parley-hidden">{texts.list.unread(unread)}</span>
					</span>
				)}
			</span>
		</button>
	);
}

const NONE: readonly InboxEntry[] = [];

/** The newest of a chat that was opened, where one has sent it. */
function ownOf({ messages }: ChatState): ShownMessage | null {
	const last = messages.at(-1);
	return last?.isOwn ? last : null;
}

const isWaiting = ({ delivery }: ShownMessage): boolean => delivery.state === "pending";

/** It waits to be sent, or has been and the inbox has not heard of it yet. */
const isAhead = (own: ShownMessage, inbox: InboxEntry["lastMessage"]): boolean =>
	isWaiting(own) || (own.seq ?? 0) > (inbox?.seq ?? 0);

interface PreviewProps extends Pick<ChatListItemProps, "entry" | "isActive"> {
	ahead: ShownMessage | null;
}

/** What was begun, else what one has just sent, else the last message. */
function PreviewLine({ entry, ahead, isActive }: PreviewProps) {
	const texts = useTexts();
	const me = useMe();
	const draft = useReadable(useClient().chat(entry.chat.id).draft);
	const sender = useUser(entry.chat.type === "direct" ? null : entry.lastMessage?.senderId);
	if (draft.trim() !== "" && !isActive) {
		return (
			<span className="parley-chat-preview">
				<span className="parley-chat-draft">{texts.list.draft}:&nbsp;</span>
				<span className="parley-chat-words" dir="auto">
					{bodyOf({ type: "text", content: draft, isDeleted: false }, texts)}
				</span>
			</span>
		);
	}
	const last = { chat: entry.chat, lastMessage: ahead ?? entry.lastMessage };
	const preview = previewOf(last, { meId: me?.id, senderName: sender?.displayName, texts });
	return (
		<span className="parley-chat-preview" data-quiet={preview.isQuiet ? "" : undefined}>
			{ahead && isWaiting(ahead) && (
				<span className="parley-chat-waiting" role="img" aria-label={texts.message.pending}>
					<ClockIcon width={14} height={14} />
				</span>
			)}
			{preview.sender !== null && (
				<span className="parley-chat-sender" dir="auto">
					{preview.sender}:&nbsp;
				</span>
			)}
			<span className="parley-chat-words" dir="auto">
				{preview.text}
			</span>
		</span>
	);
}

function isLater(time: string | null | undefined): boolean {
	return Boolean(time) && Date.parse(time ?? "") > Date.now();
}
