import type { Chat } from "@parley/client";
import { ChatFace } from "./chat-face.tsx";
import { useTexts } from "./context.tsx";
import { type Panel, useConversation } from "./conversation-context.tsx";
import { useChat } from "./hooks/use-chat.ts";
import { useChatName } from "./hooks/use-chat-name.ts";
import { useFormat } from "./hooks/use-format.ts";
import { usePresence } from "./hooks/use-presence.ts";
import { useTyping } from "./hooks/use-typing.ts";
import { useUsers } from "./hooks/use-user.ts";
import { BackIcon, InfoIcon, MembersIcon, PinIcon } from "./icons.tsx";
import type { ChatHeaderProps } from "./slots.ts";

/** Whom one talks with, how they are, and the ways to what stands beside a conversation. */
export function ChatHeader({ onBack, actions }: ChatHeaderProps) {
	const { header } = useTexts();
	const { setPanel } = useConversation();
	const { chat } = useChat();
	const { name, faceId, url, other } = useChatName(chat);
	const presence = usePresence(chat?.capabilities.presence ? other?.id : null);
	return (
		<header className="parley-topbar parley-chat-header">
			{onBack && (
				<button
					type="button"
					className="parley-icon-button parley-back"
					aria-label={header.back}
					onClick={onBack}
				>
					<BackIcon />
				</button>
			)}
			<button
				type="button"
				className="parley-chat-header-name"
				title={header.showDetails}
				onClick={() => setPanel({ kind: "details" })}
			>
				{chat && (
					<ChatFace
						isThread={chat.type === "thread"}
						id={faceId}
						name={name}
						url={url}
						size={36}
						status={presence?.status}
					/>
				)}
				<span className="parley-chat-header-words">
					<bdi className="parley-chat-header-title">{name}</bdi>
					{chat && <Subtitle chat={chat} />}
				</span>
			</button>
			{actions}
			{chat && chat.type !== "direct" && <PanelButton kind="members" label={header.showMembers} />}
			<PanelButton kind="pins" label={header.showPins} />
			<PanelButton kind="details" label={header.showDetails} />
		</header>
	);
}

const ICONS = { members: MembersIcon, pins: PinIcon, details: InfoIcon };

function PanelButton({ kind, label }: { kind: keyof typeof ICONS; label: string }) {
	const { panel, setPanel } = useConversation();
	const Icon = ICONS[kind];
	const isOpen = panel?.kind === kind;
	const next: Panel | null = isOpen ? null : { kind };
	return (
		<button
			type="button"
			className="parley-icon-button"
			data-kind={kind}
			aria-label={label}
			aria-pressed={isOpen}
			title={label}
			onClick={() => setPanel(next)}
		>
			<Icon />
		</button>
	);
}

/** Who types, else how the other one is, else how many there are. */
function Subtitle({ chat }: { chat: Chat }) {
	const { header } = useTexts();
	const { userIds } = useTyping(chat.id);
	const typists = useUsers(userIds);
	if (userIds.length > 0) {
		const names = typists.map(user => user.displayName);
		return (
			<span className="parley-chat-header-text" data-typing="">
				{chat.type === "direct" || names.length === 0 ? header.isTyping : header.typing(names)}
			</span>
		);
	}
	if (chat.type === "direct") return <PresenceText chat={chat} />;
	return <span className="parley-chat-header-text">{header.members(chat.memberCount)}</span>;
}

function PresenceText({ chat }: { chat: Chat }) {
	const { presence: texts } = useTexts();
	const format = useFormat();
	const { other } = useChatName(chat);
	const presence = usePresence(chat.capabilities.presence ? other?.id : null);
	if (!presence) return null;
	const { status, text, lastSeenAt } = presence;
	const words =
		status === "offline" && lastSeenAt ? texts.lastSeen(format.relative(lastSeenAt)) : texts[status];
	return <span className="parley-chat-header-text">{text ? `${words} · ${text}` : words}</span>;
}
