import { type RefObject, useMemo, useRef, useState } from "react";
import { Avatar } from "../avatar.tsx";
import { useParley, useSlot } from "../context.tsx";
import { useConversation } from "../conversation-context.tsx";
import { useFormat } from "../hooks/use-format.ts";
import { useUser } from "../hooks/use-user.ts";
import { ForwardIcon, PinIcon } from "../icons.tsx";
import type { MessageProps } from "../slots.ts";
import { Failure } from "./failure.tsx";
import { MessageContent } from "./message-content.tsx";
import { MessageMenu } from "./message-menu.tsx";
import { type MessageState, MessageStateProvider, type Open } from "./message-state.tsx";
import { QuotedMessage } from "./quoted-message.tsx";
import { Reactions } from "./reactions.tsx";
import { Receipts } from "./receipts.tsx";
import { ThreadLink } from "./thread-link.tsx";
import { useLongPress } from "./use-long-press.ts";

/** One message: who, what, when, and what has become of it. */
export function Message({ message, chat, position, isEntered, isHighlighted }: MessageProps) {
	const Content = useSlot("MessageContent", MessageContent);
	const Quoted = useSlot("QuotedMessage", QuotedMessage);
	const ReactionsPart = useSlot("Reactions", Reactions);
	const Thread = useSlot("ThreadLink", ThreadLink);
	const Actions = useSlot("MessageMenu", MessageMenu);
	const root = useRef<HTMLDivElement>(null);
	const bubble = useRef<HTMLDivElement>(null);
	const { state, hover, areActionsShown, press } = useControls(root, bubble, isEntered);
	const { isOwn, isDeleted, delivery, change } = message;
	const showsAuthor = !isOwn && chat.type !== "direct";
	const part = { message, isEntered };
	return (
		<MessageStateProvider value={state}>
			<div
				ref={root}
				className="parley-message"
				data-own={isOwn || undefined}
				data-position={position}
				data-highlighted={isHighlighted || undefined}
				data-failed={delivery.state === "failed" || undefined}
				data-pending={delivery.state === "pending" || undefined}
				data-deleted={isDeleted || undefined}
				{...hover}
			>
				{showsAuthor && <Face message={message} position={position} isEntered={isEntered} />}
				<div className="parley-message-body">
					<div ref={bubble} className="parley-bubble" {...press}>
						{showsAuthor && (position === "single" || position === "first") && (
							<Author userId={message.senderId} isEntered={isEntered} />
						)}
						{message.isForwarded && !isDeleted && <Forwarded userId={message.originalSenderId} />}
						{message.replyToId !== null && !isDeleted && (
							<Quoted messageId={message.replyToId} isEntered={isEntered} />
						)}
						<div className="parley-bubble-text" dir="auto">
							<Content {...part} />
							<Meta {...part} />
						</div>
					</div>
					{areActionsShown && !isDeleted && <Actions {...part} />}
					<ReactionsPart {...part} />
					<Thread {...part} />
					{(delivery.state === "failed" || change?.state === "failed") && <Failure {...part} />}
				</div>
			</div>
		</MessageStateProvider>
	);
}

/** The controls are drawn only while they are looked at: a list has hundreds of messages. */
function useControls(
	root: RefObject<HTMLElement | null>,
	bubble: RefObject<HTMLElement | null>,
	isEntered: boolean,
) {
	const [isHovered, setHovered] = useState(false);
	const [isTouched, setTouched] = useState(false);
	const [open, setOpenTo] = useState<Open>(null);
	const state = useMemo<MessageState>(
		() => ({
			open,
			setOpen: (next: Open) => {
				if (next === null) setTouched(false);
				setOpenTo(next);
			},
			isTouched,
			bubble,
			row: () => root.current?.closest<HTMLElement>("article, [role=article]") ?? null,
		}),
		[open, isTouched, root, bubble],
	);
	const press = useLongPress(() => {
		setTouched(true);
		setOpenTo("menu");
	});
	return {
		state,
		press,
		areActionsShown: isEntered || isHovered || open !== null,
		hover: {
			onPointerEnter: (event: React.PointerEvent) => event.pointerType !== "touch" && setHovered(true),
			onPointerLeave: () => setHovered(false),
		},
	};
}

function Face({ message, position, isEntered }: Pick<MessageProps, "message" | "position" | "isEntered">) {
	const AvatarPart = useSlot("Avatar", Avatar);
	const user = useUser(message.senderId);
	const { openPerson } = useConversation();
	if (position === "first" || position === "middle") return <span className="parley-message-face" />;
	const face = (
		<AvatarPart
			id={message.senderId}
			name={user?.displayName ?? ""}
			url={user?.avatarUrl ?? null}
			size={32}
		/>
	);
	return (
		<span className="parley-message-face">
			{openPerson ? (
				<button
					type="button"
					className="parley-face-button"
					tabIndex={isEntered ? 0 : -1}
					aria-label={user?.displayName ?? message.senderId}
					onClick={() => openPerson(message.senderId)}
				>
					{face}
				</button>
			) : (
				face
			)}
		</span>
	);
}

function Author({ userId, isEntered }: { userId: string; isEntered: boolean }) {
	const user = useUser(userId);
	const { openPerson } = useConversation();
	const name = user?.displayName ?? "\u00a0";
	if (!openPerson)
		return (
			<span className="parley-author" dir="auto">
				{name}
			</span>
		);
	return (
		<button
			type="button"
			className="parley-author"
			dir="auto"
			tabIndex={isEntered ? 0 : -1}
			onClick={() => openPerson(userId)}
		>
			{name}
		</button>
	);
}

function Forwarded({ userId }: { userId: string | null }) {
	const { texts } = useParley();
	const user = useUser(userId);
	return (
		<span className="parley-forwarded">
			<ForwardIcon width={14} height={14} />
			{user ? texts.message.forwardedFrom(user.displayName) : texts.message.forwarded}
		</span>
	);
}

function Meta({ message, isEntered }: Pick<MessageProps, "message" | "isEntered">) {
	const { texts, direction } = useParley();
	const ReceiptsPart = useSlot("Receipts", Receipts);
	const format = useFormat();
	const { isDeleted } = message;
	return (
		<span className="parley-meta">
			<span className="parley-meta-row" dir={direction}>
				{message.isPinned && !isDeleted && (
					<span
						className="parley-pinned"
						role="img"
						aria-label={texts.message.pinned}
						title={texts.message.pinned}
					>
						<PinIcon width={13} height={13} />
					</span>
				)}
				{message.isEdited && !isDeleted && (
					<span title={message.editedAt ? format.full(message.editedAt) : undefined}>
						{texts.message.edited}
					</span>
				)}
				<time dateTime={message.createdAt} title={format.full(message.createdAt)}>
					{format.clock(message.createdAt)}
				</time>
				<ReceiptsPart message={message} isEntered={isEntered} />
			</span>
		</span>
	);
}
