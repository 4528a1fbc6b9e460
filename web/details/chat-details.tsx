import type { Chat, Member, UserCard } from "@parley/client";
import { PanelFrame, useClient, useConversation } from "@parley/react";
import { show } from "../dialogs/dialogs.ts";
import { useTexts } from "../i18n/i18n.ts";
import { Face } from "../parts/face.tsx";
import { Icon } from "../parts/icon.tsx";
import { useValue } from "../parts/store.ts";
import { useDay } from "../parts/when.ts";
import { MuteControl } from "./mute-control.tsx";
import { StatusLine } from "./status-line.tsx";

/** All about the open chat: what it is, who is in it, what one can do with it. */
export function ChatDetails({ onClose }: { onClose(): void }) {
	const t = useTexts();
	const client = useClient();
	const { chatId, handle } = useConversation();
	const { chat, self } = useValue(handle.state);
	const inbox = useValue(client.inbox);
	if (!chat) return null;
	const other = inbox.items.find(entry => entry.chat.id === chatId)?.other ?? null;
	const title =
		chat.type === "direct" ? t.aboutDirect : chat.type === "channel" ? t.aboutChannel : t.aboutGroup;
	return (
		<PanelFrame title={title} onClose={onClose}>
			<div className="app-details">
				{other ? <PersonHead person={other} /> : <ChatHead chat={chat} self={self} />}
				<Shortcuts chat={chat} />
				{self && <MuteControl handle={handle} self={self} />}
				{chat.type !== "direct" && self && <Ends role={self.role} />}
			</div>
		</PanelFrame>
	);
}

function PersonHead({ person }: { person: UserCard }) {
	return (
		<header className="app-details-head">
			<Face id={person.id} name={person.displayName} url={person.avatarUrl} size={88} />
			<h3 dir="auto">{person.displayName}</h3>
			<p className="app-row-sub">@{person.username}</p>
			<StatusLine userId={person.id} />
		</header>
	);
}

function ChatHead({ chat, self }: { chat: Chat; self: Member | null }) {
	const t = useTexts();
	const day = useDay();
	const mayEdit = self?.role === "owner" || self?.role === "admin";
	return (
		<header className="app-details-head">
			<Face id={chat.id} name={chat.name ?? "#"} url={chat.avatarUrl} size={88} />
			<h3 dir="auto">{chat.name ?? t.kindGroup}</h3>
			<p className="app-row-sub">
				{t.members(chat.memberCount)} · {t.createdOn(day(chat.createdAt))}
			</p>
			{chat.announceOnly && <p className="app-tag">{t.announceOnly}</p>}
			<p className="app-details-text" dir="auto">
				{chat.description ?? (mayEdit ? null : t.noDescription)}
			</p>
			{mayEdit && (
				<button type="button" className="app-button" onClick={() => show("editChat")}>
					<Icon name="edit" size={18} />
					{chat.description ? t.edit : t.addDescription}
				</button>
			)}
		</header>
	);
}

function Shortcuts({ chat }: { chat: Chat }) {
	const t = useTexts();
	const { setPanel } = useConversation();
	return (
		<ul className="app-menu-list">
			<li>
				<button type="button" onClick={() => setPanel({ kind: "members" })}>
					<Icon name="people" />
					{t.peopleIn}
					<span className="app-menu-end">{chat.memberCount}</span>
				</button>
			</li>
			<li>
				<button type="button" onClick={() => setPanel({ kind: "pins" })}>
					<Icon name="pin" />
					{t.pins}
				</button>
			</li>
			<li>
				<button type="button" onClick={() => show("jumpToDate")}>
					<Icon name="calendar" />
					{t.jumpToDate}
				</button>
			</li>
		</ul>
	);
}

function Ends({ role }: { role: Member["role"] }) {
	const t = useTexts();
	return (
		<ul className="app-menu-list app-menu-danger">
			<li>
				<button type="button" onClick={() => show("leave")}>
					<Icon name="out" />
					{t.leave}
				</button>
			</li>
			{role === "owner" && (
				<li>
					<button type="button" onClick={() => show("deleteChat")}>
						<Icon name="trash" />
						{t.deleteChat}
					</button>
				</li>
			)}
		</ul>
	);
}
