import { useEffect, useState } from "react";
import { Avatar } from "./avatar.tsx";
import { useSlot, useTexts } from "./context.tsx";
import { useConversation } from "./conversation-context.tsx";
import { useChatState } from "./hooks/use-chat-state.ts";
import { useFormat } from "./hooks/use-format.ts";
import { useUser } from "./hooks/use-user.ts";
import { type Grouped, groupReceipts } from "./message/delivery.rules.ts";
import { excerpt } from "./message/excerpt.rules.ts";
import { Modal, rowOf } from "./modal.tsx";
import type { OnMessageProps } from "./slots.ts";

/** Who has read a message, whom it has reached, and when. */
export function ReceiptsDialog({ message, onClose }: OnMessageProps) {
	const texts = useTexts();
	const { handle } = useConversation();
	const isOff = useChatState(undefined, ({ chat }) => chat?.capabilities.receipts === false);
	const [grouped, setGrouped] = useState<Grouped | "failed" | null>(null);
	// Somebody has read it since: the message's own state says so.
	const { state } = message.delivery;
	// biome-ignore lint/correctness/useExhaustiveDependencies: asked anew when the state moves.
	useEffect(() => {
		let isWanted = true;
		handle.receipts(message.id).then(
			receipts => isWanted && setGrouped(groupReceipts(receipts)),
			() => isWanted && setGrouped("failed"),
		);
		return () => {
			isWanted = false;
		};
	}, [handle, message.id, state]);
	return (
		<Modal title={texts.receipts.title} onClose={onClose} finalFocus={() => rowOf(message.key)}>
			<p className="parley-receipts-words" dir="auto">
				{excerpt(message, texts)}
			</p>
			{isOff && <p className="parley-note">{texts.receipts.off}</p>}
			{grouped === null && <p className="parley-note">{texts.people.loading}</p>}
			{grouped === "failed" && (
				<p className="parley-note" role="alert">
					{texts.receipts.failed}
				</p>
			)}
			{grouped !== null && grouped !== "failed" && !isOff && (
				<>
					<Group title={texts.receipts.readBy} people={grouped.read} empty={texts.receipts.nobody} />
					<Group title={texts.receipts.deliveredTo} people={grouped.delivered} />
					<Group title={texts.people.notDelivered} people={grouped.waiting} />
				</>
			)}
		</Modal>
	);
}

interface GroupProps {
	title: string;
	people: readonly { userId: string; at?: string }[];
	/** Shown in place of nobody; else the group is left out. */
	empty?: string;
}

function Group({ title, people, empty }: GroupProps) {
	if (people.length === 0 && empty === undefined) return null;
	return (
		<section className="parley-receipts-group">
			<h3 className="parley-subtitle">{title}</h3>
			{people.length === 0 && <p className="parley-note">{empty}</p>}
			<ul>
				{people.map(({ userId, at }) => (
					<Person key={userId} userId={userId} at={at} />
				))}
			</ul>
		</section>
	);
}

function Person({ userId, at }: { userId: string; at: string | undefined }) {
	const user = useUser(userId);
	const format = useFormat();
	const AvatarPart = useSlot("Avatar", Avatar);
	return (
		<li className="parley-person">
			<AvatarPart id={userId} name={user?.displayName ?? ""} url={user?.avatarUrl ?? null} size={32} />
			<span className="parley-person-name">{user?.displayName ?? "\u00a0"}</span>
			{at && (
				<time className="parley-person-time" dateTime={at} title={format.full(at)}>
					{format.relative(at)}
				</time>
			)}
		</li>
	);
}
