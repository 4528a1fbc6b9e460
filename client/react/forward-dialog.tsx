import { type InboxEntry, LIMITS } from "@parley/client";
import { useId, useMemo, useRef, useState } from "react";
import { Avatar } from "./avatar.tsx";
import { useParley, useSlot } from "./context.tsx";
import { useConversation } from "./conversation-context.tsx";
import { FindField } from "./find-field.tsx";
import { useInbox } from "./hooks/use-inbox.ts";
import { excerpt } from "./message/excerpt.rules.ts";
import { standingOf, whyNotSend } from "./message/rights.ts";
import { Modal, rowOf } from "./modal.tsx";
import { chatName, matches } from "./names.rules.ts";
import type { OnMessageProps } from "./slots.ts";

/** Chooses the chats that a message is forwarded to. */
export function ForwardDialog({ message, onClose }: OnMessageProps) {
	const { texts, announce } = useParley();
	const { handle } = useConversation();
	const [wanted, setWanted] = useState("");
	const [chosen, setChosen] = useState<readonly string[]>([]);
	const [progress, setProgress] = useState<"idle" | "busy" | "failed">("idle");
	const field = useRef<HTMLInputElement>(null);
	const { entries, hasMore, loadMore } = useTargets(wanted);
	const isFull = chosen.length >= LIMITS.forwardChatsMax;
	const toggle = (id: string) =>
		setChosen(ids => (ids.includes(id) ? ids.filter(other => other !== id) : [...ids, id]));
	const forward = async (close: () => void) => {
		setProgress("busy");
		const done = await handle.forward(message.id, [...chosen]).then(
			() => true,
			() => false,
		);
		if (!done) return setProgress("failed");
		announce(texts.forward.done);
		close();
	};
	return (
		<Modal
			title={texts.forward.title}
			onClose={onClose}
			finalFocus={() => rowOf(message.key)}
			initialFocus={field}
			footer={close => (
				<>
					<span className="parley-dialog-note" role="status">
						{progress === "failed"
							? texts.forward.failed
							: isFull
								? texts.forward.limit(LIMITS.forwardChatsMax)
								: ""}
					</span>
					<button
						type="button"
						className="parley-button"
						data-look="accent"
						disabled={chosen.length === 0 || progress === "busy"}
						onClick={() => void forward(close)}
					>
						{chosen.length === 0 ? texts.forward.title : texts.forward.send(chosen.length)}
					</button>
				</>
			)}
		>
			<p className="parley-receipts-words" dir="auto">
				{excerpt(message, texts)}
			</p>
			<FindField ref={field} value={wanted} label={texts.forward.search} onChange={setWanted} />
			<ul className="parley-choices">
				{entries.map(entry => (
					<Target
						key={entry.chat.id}
						entry={entry}
						isChosen={chosen.includes(entry.chat.id)}
						isFull={isFull}
						onToggle={() => toggle(entry.chat.id)}
					/>
				))}
			</ul>
			{entries.length === 0 && <p className="parley-note">{texts.forward.empty}</p>}
			{hasMore && (
				<button
					type="button"
					className="parley-button"
					onClick={() => void loadMore().catch(() => undefined)}
				>
					{texts.members.loadMore}
				</button>
			)}
		</Modal>
	);
}

/** Chats that one may write in, by name. */
function useTargets(wanted: string) {
	const { texts } = useParley();
	const { items, hasMore, loadMore } = useInbox();
	const entries = useMemo(() => {
		const now = new Date().toISOString();
		return items
			.filter(({ chat }) => chat.type !== "thread")
			.filter(({ chat, self }) => whyNotSend(standingOf(chat, self), now) === null)
			.filter(({ chat, other }) => matches(chatName(chat, other, texts), wanted));
	}, [items, wanted, texts]);
	return { entries, hasMore, loadMore };
}

interface TargetProps {
	entry: InboxEntry;
	isChosen: boolean;
	isFull: boolean;
	onToggle: () => void;
}

function Target({ entry: { chat, other }, isChosen, isFull, onToggle }: TargetProps) {
	const { texts } = useParley();
	const AvatarPart = useSlot("Avatar", Avatar);
	const id = useId();
	const name = chatName(chat, other, texts);
	return (
		<li>
			<label className="parley-choice" htmlFor={id}>
				<AvatarPart
					id={other?.id ?? chat.id}
					name={name}
					url={other?.avatarUrl ?? chat.avatarUrl}
					size={36}
				/>
				<span className="parley-person-name" dir="auto">
					{name}
				</span>
				<input
					id={id}
					type="checkbox"
					checked={isChosen}
					disabled={isFull && !isChosen}
					onChange={onToggle}
				/>
			</label>
		</li>
	);
}
