import type { Chat } from "@parley/client";
import { Avatar } from "../avatar.tsx";
import { useSlot, useTexts } from "../context.tsx";
import { useChatName } from "../hooks/use-chat-name.ts";
import { useFormat } from "../hooks/use-format.ts";
import { DownIcon } from "../icons.tsx";

export function DaySeparator({ date }: { date: Date }) {
	const format = useFormat();
	return (
		<div className="parley-day">
			<time dateTime={date.toISOString()} title={format.full(date.getTime())}>
				{format.day(date.getTime())}
			</time>
		</div>
	);
}

export function UnreadLine({ count }: { count: number }) {
	const texts = useTexts();
	return (
		<div className="parley-unread-line">
			<span>{texts.messages.new(count)}</span>
		</div>
	);
}

/** Above the first message of a chat. */
export function HistoryStart({ chat }: { chat: Chat }) {
	const { messages, thread } = useTexts();
	const Face = useSlot("Avatar", Avatar);
	const { name, faceId, url } = useChatName(chat);
	if (chat.type === "thread") return <p className="parley-start-thread">{thread.title}</p>;
	return (
		<div className="parley-start">
			<Face id={faceId} name={name} url={url} size={64} />
			<p className="parley-start-title" dir="auto">
				{name}
			</p>
			<p className="parley-start-text">
				{chat.type === "direct" ? messages.startDirect(name) : messages.start(name)}
			</p>
			{chat.description && (
				<p className="parley-start-text" dir="auto">
					{chat.description}
				</p>
			)}
		</div>
	);
}

export function JumpToLatest({ count, onClick }: { count: number; onClick: () => void }) {
	const { messages } = useTexts();
	const format = useFormat();
	const label = count > 0 ? `${messages.latest}, ${messages.new(count)}` : messages.latest;
	return (
		<button
			type="button"
			className="parley-to-latest"
			aria-label={label}
			title={messages.latest}
			onClick={onClick}
		>
			<DownIcon width={22} height={22} />
			{count > 0 && (
				<span className="parley-badge" aria-hidden="true">
					{format.badge(count)}
				</span>
			)}
		</button>
	);
}
