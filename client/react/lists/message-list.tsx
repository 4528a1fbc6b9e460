import { useEffect, useId, useMemo, useState } from "react";
import { Virtualizer } from "virtua";
import { useLatest, useParley, useSlot } from "../context.tsx";
import { useConversation } from "../conversation-context.tsx";
import { EmptyState } from "../empty-state.tsx";
import { useChat } from "../hooks/use-chat.ts";
import { useChatName } from "../hooks/use-chat-name.ts";
import { useMessages } from "../hooks/use-messages.ts";
import { ChatIcon, UpIcon, WarningIcon } from "../icons.tsx";
import { bodyOf } from "../names.rules.ts";
import { JumpToLatest } from "./lines.tsx";
import { MessageRow } from "./message-row.tsx";
import { rowsOf } from "./rows.rules.ts";
import { useJump } from "./use-jump.ts";
import { useReading } from "./use-reading.ts";
import { useRoving } from "./use-roving.ts";
import { useScroller } from "./use-scroller.ts";
import { useSteppedRows } from "./use-stepped-rows.ts";
import { useUnreadSpan } from "./use-unread-span.ts";

/** The messages of the conversation around. */
export function MessageList() {
	const { chatId } = useConversation();
	return <Log key={chatId} />;
}

function Log() {
	const { texts } = useParley();
	const { jumpTo } = useConversation();
	const [wentToUnread, setWentToUnread] = useState(false);
	const hintId = useId();
	const { chat, self, status, unread, error, handle } = useChat();
	const { messages, hasOlder, hasNewer, loading } = useMessages();
	const { name } = useChatName(chat);
	const last = messages.at(-1);
	const span = useUnreadSpan(last);
	const wanted = useMemo(() => rowsOf(messages, { hasOlder, unread: span }), [messages, hasOlder, span]);
	const stepped = useSteppedRows(wanted);
	const isLive = status === "live" || status === "recovering";
	const ownKey = last?.isOwn && last.delivery.state === "pending" ? last.key : null;
	const scroller = useScroller({ handle, stepped, hasOlder, hasNewer, isLive, ownKey });
	const roving = useRoving(scroller, stepped);
	const { highlighted, hasFailed } = useJump(scroller, stepped, roving.setStop);
	const lookSoon = useReading(scroller, stepped);
	useAnnouncedMessages(handle.id);

	const { rows } = stepped;
	const isKnown = isLive || rows.length > 0;
	const firstSeq = rows[0]?.message.seq ?? null;
	return (
		<div className="parley-log-place">
			<div
				ref={scroller.scroller}
				className="parley-log"
				role="log"
				aria-live="off"
				aria-label={texts.messages.label(name)}
				aria-describedby={hintId}
				aria-busy={loading !== null || status === "opening"}
				onKeyDown={roving.onKeyDown}
				onFocus={roving.onFocus}
				onBlur={roving.onBlur}
				onScroll={() => {
					scroller.onScroll();
					lookSoon();
				}}
			>
				<div className="parley-log-space" />
				<div ref={scroller.content} className="parley-log-content">
					{chat && rows.length > 0 && (
						<Virtualizer
							key={stepped.epoch}
							ref={scroller.virtual}
							scrollRef={scroller.scroller}
							shift={stepped.shift}
							bufferSize={400}
							keepMounted={[roving.stopIndex]}
						>
							{rows.map((row, index) => (
								<MessageRow
									key={row.key}
									row={row}
									chat={chat}
									self={self}
									isStop={index === roving.stopIndex}
									isEntered={row.key === roving.enteredKey}
									isHighlighted={row.key === highlighted}
								/>
							))}
						</Virtualizer>
					)}
				</div>
			</div>
			<span id={hintId} className="parley-hidden">
				{texts.messages.keys}
			</span>
			{/* Said to screen readers already. */}
			{hasFailed && (
				<p className="parley-page-state" aria-hidden="true">
					{texts.messages.jumpFailed}
				</p>
			)}
			<PageState isLoading={loading === "older"} hasFailed={scroller.hasFailed} onAgain={scroller.tryAgain} />
			{rows.length === 0 && (
				<NoMessages isKnown={isKnown} isGone={status === "gone"} hasFailed={error !== null} />
			)}
			{span && !wentToUnread && firstSeq !== null && firstSeq > span.after + 1 && hasOlder && (
				<ToFirstUnread
					count={span.upTo - span.after}
					onClick={() => {
						setWentToUnread(true);
						jumpTo({ seq: span.after + 1 });
					}}
				/>
			)}
			<ToLatest
				isShown={rows.length > 0 && (!scroller.atEnd || hasNewer)}
				count={unread}
				onClick={scroller.toLatest}
			/>
		</div>
	);
}

function ToLatest({ isShown, count, onClick }: { isShown: boolean; count: number; onClick: () => void }) {
	const Button = useSlot("JumpToLatest", JumpToLatest);
	return isShown ? <Button count={count} onClick={onClick} /> : null;
}

/** Where more is unread than is loaded. */
function ToFirstUnread({ count, onClick }: { count: number; onClick: () => void }) {
	const { texts } = useParley();
	return (
		<button type="button" className="parley-to-unread" onClick={onClick}>
			<UpIcon width={16} height={16} />
			{texts.messages.newSince(count)}
		</button>
	);
}

interface PageStateProps {
	isLoading: boolean;
	hasFailed: boolean;
	onAgain: () => void;
}

/** Above the messages and not among them, so that nothing moves. */
function PageState({ isLoading, hasFailed, onAgain }: PageStateProps) {
	const { texts } = useParley();
	if (hasFailed) {
		return (
			<div className="parley-page-state" role="alert">
				{texts.messages.failed}
				<button type="button" className="parley-button-quiet" onClick={onAgain}>
					{texts.messages.tryAgain}
				</button>
			</div>
		);
	}
	if (!isLoading) return null;
	return (
		<div className="parley-page-state">
			<span className="parley-spinner" role="img" aria-label={texts.messages.loadingOlder} />
		</div>
	);
}

function NoMessages({
	isKnown,
	isGone,
	hasFailed,
}: {
	isKnown: boolean;
	isGone: boolean;
	hasFailed: boolean;
}) {
	const { messages } = useParley().texts;
	const Empty = useSlot("EmptyState", EmptyState);
	return (
		<div className="parley-log-empty">
			{isGone ? (
				<Empty icon={<WarningIcon />} title={messages.gone} text={messages.goneText} />
			) : isKnown ? (
				<Empty icon={<ChatIcon />} title={messages.empty} text={messages.emptyText} />
			) : hasFailed ? (
				<Empty icon={<WarningIcon />} title={messages.failed} />
			) : (
				<Skeleton label={messages.loading} />
			)}
		</div>
	);
}

const SKELETONS = [38, 54, 29, 46, 61, 34];

function Skeleton({ label }: { label: string }) {
	return (
		<div className="parley-log-skeletons" role="status" aria-label={label}>
			{SKELETONS.map((width, index) => (
				<span
					key={width}
					className="parley-skeleton-bubble"
					data-own={index % 3 === 2 ? "" : undefined}
					style={{ inlineSize: `${width}%` }}
				/>
			))}
		</div>
	);
}

/** Tells screen readers what others write here; the log itself is silent, for it also shows what is old. */
function useAnnouncedMessages(chatId: string) {
	const { client, texts, announce } = useParley();
	const say = useLatest((userId: string, body: string) => {
		const name = client.user(userId).get()?.displayName ?? texts.list.deletedUser;
		announce(texts.messages.from(name, body));
	});
	useEffect(
		() =>
			client.on("received", ({ message }) => {
				if (message.chatId === chatId) say(message.senderId, bodyOf(message, texts));
			}),
		[client, chatId, say, texts],
	);
}
