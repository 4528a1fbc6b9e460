import type { Chat, Member } from "@parley/client";
import { useState } from "react";
import { Avatar } from "./avatar.tsx";
import { useSlot, useTexts } from "./context.tsx";
import { useConversation } from "./conversation-context.tsx";
import { useChat } from "./hooks/use-chat.ts";
import { useChatName } from "./hooks/use-chat-name.ts";
import { useFormat } from "./hooks/use-format.ts";
import { BellIcon, CalendarIcon, MembersIcon, MutedIcon, PinIcon } from "./icons.tsx";
import { PanelFrame } from "./panel-frame.tsx";
import type { PanelProps } from "./slots.ts";

/** What a chat is, one's own notifications of it, and the ways to its members, pins and days. */
export function ChatDetails({ onClose }: PanelProps) {
	const texts = useTexts();
	const Frame = useSlot("PanelFrame", PanelFrame);
	const { chat, self } = useChat();
	return (
		<Frame title={texts.details.title} onClose={onClose}>
			{chat && (
				<div className="parley-details">
					<Head chat={chat} />
					{chat.description && (
						<section className="parley-details-about">
							<h3 className="parley-details-label">{texts.details.about}</h3>
							<p dir="auto">{chat.description}</p>
						</section>
					)}
					<div className="parley-details-list">
						{chat.type !== "direct" && <ToMembers chat={chat} />}
						<ToPins />
						<JumpToDate />
						{self && <Mute self={self} />}
					</div>
				</div>
			)}
		</Frame>
	);
}

function Head({ chat }: { chat: Chat }) {
	const texts = useTexts();
	const { openPerson } = useConversation();
	const { name, faceId, url, other } = useChatName(chat);
	const Face = useSlot("Avatar", Avatar);
	const face = <Face id={faceId} name={name} url={url} size={88} />;
	return (
		<div className="parley-details-head">
			{other && openPerson ? (
				<button
					type="button"
					className="parley-face-link"
					aria-label={name}
					onClick={() => openPerson(other.id)}
				>
					{face}
				</button>
			) : (
				face
			)}
			<p className="parley-details-name">
				<bdi>{name}</bdi>
			</p>
			<p className="parley-details-text">
				{other ? <bdi>@{other.username}</bdi> : texts.header.members(chat.memberCount)}
			</p>
		</div>
	);
}

function ToMembers({ chat }: { chat: Chat }) {
	const texts = useTexts();
	const { setPanel } = useConversation();
	return (
		<button type="button" className="parley-details-item" onClick={() => setPanel({ kind: "members" })}>
			<MembersIcon />
			<span>{texts.header.members(chat.memberCount)}</span>
		</button>
	);
}

function ToPins() {
	const texts = useTexts();
	const { setPanel } = useConversation();
	return (
		<button type="button" className="parley-details-item" onClick={() => setPanel({ kind: "pins" })}>
			<PinIcon />
			<span>{texts.header.showPins}</span>
		</button>
	);
}

function JumpToDate() {
	const texts = useTexts();
	const { jumpTo } = useConversation();
	return (
		<label className="parley-details-item">
			<CalendarIcon />
			<span>{texts.messages.jumpToDate}</span>
			<input
				type="date"
				className="parley-date"
				max={localDay(new Date())}
				onChange={event => {
					// Midnight where the reader is, as the lines between days are.
					const date = new Date(`${event.target.value}T00:00:00`);
					if (!Number.isNaN(date.getTime()) && date.getFullYear() > 1970) jumpTo({ date });
				}}
			/>
		</label>
	);
}

/** As `2026-03-09`. */
function localDay(date: Date): string {
	const two = (n: number) => String(n).padStart(2, "0");
	return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** "Muted" without an end; the server wants a time. */
const FOR_EVER = new Date(Date.UTC(2999, 0, 1));

function Mute({ self }: { self: Member }) {
	const { details } = useTexts();
	const format = useFormat();
	const { handle } = useConversation();
	const [hasFailed, setFailed] = useState(false);
	const [isBusy, setBusy] = useState(false);
	const until = self.mutedUntil ? Date.parse(self.mutedUntil) : 0;
	const isMuted = until > Date.now();
	const words = !isMuted
		? details.notifications
		: until >= FOR_EVER.getTime()
			? details.muted
			: details.mutedUntil(format.full(until));

	const change = async () => {
		setBusy(true);
		setFailed(false);
		await handle.mute(isMuted ? null : FOR_EVER).catch(() => setFailed(true));
		setBusy(false);
	};
	return (
		<div className="parley-details-item">
			{isMuted ? <MutedIcon /> : <BellIcon />}
			<span>
				{words}
				{hasFailed && (
					<span className="parley-error" role="alert">
						{details.failed}
					</span>
				)}
			</span>
			<button type="button" className="parley-button-quiet" disabled={isBusy} onClick={change}>
				{isMuted ? details.unmute : details.mute}
			</button>
		</div>
	);
}
