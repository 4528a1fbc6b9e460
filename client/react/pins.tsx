import type { Message } from "@parley/client";
import { useCallback, useEffect, useState } from "react";
import { Avatar } from "./avatar.tsx";
import { useClient, useSlot, useTexts } from "./context.tsx";
import { useConversation } from "./conversation-context.tsx";
import { EmptyState } from "./empty-state.tsx";
import { useFormat } from "./hooks/use-format.ts";
import { useMe, useUser, useUsers } from "./hooks/use-user.ts";
import { PinIcon, UnpinIcon } from "./icons.tsx";
import { may } from "./message/rights.ts";
import { useStanding } from "./message/use-standing.ts";
import { Words } from "./message/words.tsx";
import { PanelFrame } from "./panel-frame.tsx";
import type { PanelProps } from "./slots.ts";

/** What changes the list of pins. */
const CHANGES = ["message:pin", "message:unpin", "message:update", "message:delete"] as const;

/** The pinned messages of the conversation's chat, the latest pinned first. */
export function Pins({ onClose }: PanelProps) {
	const texts = useTexts();
	const Frame = useSlot("PanelFrame", PanelFrame);
	const Empty = useSlot("EmptyState", EmptyState);
	const { pins, hasFailed, load } = usePins();
	return (
		<Frame title={texts.pins.title} onClose={onClose}>
			{hasFailed && (
				<Empty
					title={texts.pins.failed}
					action={
						<button type="button" className="parley-button" onClick={load}>
							{texts.messages.tryAgain}
						</button>
					}
				/>
			)}
			{!pins && !hasFailed && <p className="parley-note">{texts.pins.loading}</p>}
			{pins?.length === 0 && (
				<Empty icon={<PinIcon />} title={texts.pins.empty} text={texts.pins.emptyText} />
			)}
			<ul className="parley-pins">
				{pins?.map(message => (
					<Pin key={message.id} message={message} />
				))}
			</ul>
		</Frame>
	);
}

/** Asked anew when a pin of the chat comes or goes, and when the connection was away. */
function usePins() {
	const client = useClient();
	const { handle, chatId } = useConversation();
	const [pins, setPins] = useState<readonly Message[] | null>(null);
	const [hasFailed, setFailed] = useState(false);
	const load = useCallback(() => {
		setFailed(false);
		handle.pins().then(setPins, () => setFailed(true));
	}, [handle]);
	useEffect(() => {
		setPins(null);
		load();
		const ends = CHANGES.map(name =>
			client.on(name, message => {
				if (message.chatId === chatId) load();
			}),
		);
		ends.push(client.on("recovered", recovered => recovered.chatId === chatId && load()));
		return () => {
			for (const end of ends) end();
		};
	}, [client, chatId, load]);
	return { pins, hasFailed, load };
}

function Pin({ message }: { message: Message }) {
	const texts = useTexts();
	const format = useFormat();
	const me = useMe();
	const sender = useUser(message.senderId);
	const mentioned = useUsers(message.mentions);
	const { handle, jumpTo } = useConversation();
	const standing = useStanding();
	const AvatarPart = useSlot("Avatar", Avatar);
	const mayUnpin = standing !== null && may("pin", standing, new Date().toISOString());
	return (
		<li className="parley-pin">
			<div className="parley-pin-head">
				<AvatarPart
					id={message.senderId}
					name={sender?.displayName ?? ""}
					url={sender?.avatarUrl ?? null}
					size={24}
				/>
				<span className="parley-person-name">{sender?.displayName ?? "\u00a0"}</span>
				<time
					className="parley-person-time"
					dateTime={message.createdAt}
					title={format.full(message.createdAt)}
				>
					{format.short(message.createdAt)}
				</time>
			</div>
			<div className="parley-pin-words" dir="auto">
				<Words content={message.content ?? ""} mentioned={mentioned} meId={me?.id ?? null} tabIndex={0} />
			</div>
			<div className="parley-pin-actions">
				<button type="button" className="parley-button" onClick={() => jumpTo({ seq: message.seq })}>
					{texts.pins.goTo}
				</button>
				{mayUnpin && (
					<button
						type="button"
						className="parley-icon-button"
						aria-label={texts.actions.unpin}
						title={texts.actions.unpin}
						onClick={() => handle.unpin(message.id)}
					>
						<UnpinIcon width={18} height={18} />
					</button>
				)}
			</div>
		</li>
	);
}
