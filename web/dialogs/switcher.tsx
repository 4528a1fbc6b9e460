import type { InboxEntry, UserCard } from "@parley/client";
import { ChatFace, entryName, useClient, useParley } from "@parley/react";
import { useState } from "react";
import { LIMITS } from "../../contracts/limits.ts";
import { useTexts } from "../i18n/i18n.ts";
import { Dialog } from "../parts/dialog.tsx";
import { ProblemNote } from "../parts/form.tsx";
import { Icon, type IconName } from "../parts/icon.tsx";
import { useListKeys } from "../parts/list-keys.ts";
import { useValue } from "../parts/store.ts";
import { useAction } from "../parts/use-action.ts";
import { usePeople } from "../parts/use-people.ts";
import { go } from "../router/router.ts";
import { type Route, toChat } from "../router/routes.rules.ts";
import { type DialogName, show } from "./dialogs.ts";
import type { DialogProps } from "./open-dialog.tsx";
import { matching } from "./switcher.rules.ts";

type Choice =
	| { what: "chat"; entry: InboxEntry; name: string }
	| { what: "person"; person: UserCard }
	| { what: "action"; dialog: DialogName; label: string; icon: IconName };

/** Goes anywhere by a few letters of its name. */
export default function Switcher({ onClose }: DialogProps) {
	const t = useTexts();
	const client = useClient();
	const inbox = useValue(client.inbox);
	const [search, setSearch] = useState("");
	const { texts } = useParley();
	const nameOf = (entry: InboxEntry) => entryName(entry, inbox.items, texts);
	const chats = matching(inbox.items, search, nameOf);
	const people = usePeople(search);
	const actions: Choice[] = [
		{ what: "action", dialog: "newDirect", label: t.newChat, icon: "plus" },
		{ what: "action", dialog: "channels", label: t.browseChannels, icon: "hash" },
		{ what: "action", dialog: "settings", label: t.settings, icon: "settings" },
	];
	const choices: Choice[] = [
		...chats.map(entry => ({ what: "chat" as const, entry, name: nameOf(entry) })),
		...(search.trim() ? (people.items ?? []) : [])
			.filter(person => !chats.some(({ other }) => other?.id === person.id))
			.slice(0, 5)
			.map(person => ({ what: "person" as const, person })),
		...actions,
	];
	const { problem, run } = useAction(async (choice: Choice) => {
		if (choice.what === "action") return show(choice.dialog);
		const route =
			choice.what === "chat"
				? routeOf(choice.entry)
				: toChat((await client.createChat({ participantIds: [choice.person.id] })).id);
		onClose();
		go(route);
	});
	const keys = useListKeys(choices.length, index => {
		const choice = choices[index];
		if (choice) void run(choice);
	});
	return (
		<Dialog title={t.quickSwitcher} onClose={onClose} form="small">
			<input
				className="app-input"
				aria-label={t.quickSwitcherHint}
				placeholder={t.quickSwitcherHint}
				maxLength={LIMITS.searchMax}
				value={search}
				onChange={event => {
					setSearch(event.target.value);
					keys.setActive(0);
				}}
				{...keys.field}
			/>
			<ProblemNote problem={problem} />
			<ul className="app-list app-switcher-list" aria-label={t.quickSwitcher} {...keys.list}>
				{choices.map((choice, index) => (
					<li key={keyOf(choice)} className="app-option" {...keys.option(index)}>
						<Line choice={choice} />
					</li>
				))}
			</ul>
		</Dialog>
	);
}

const routeOf = ({ chat }: InboxEntry): Route =>
	chat.type === "thread" ? { at: "thread", threadId: chat.id } : toChat(chat.id);

const keyOf = (choice: Choice): string =>
	choice.what === "chat" ? choice.entry.chat.id : choice.what === "person" ? choice.person.id : choice.dialog;

function Line({ choice }: { choice: Choice }) {
	if (choice.what === "action")
		return (
			<span className="app-row">
				<span className="app-row-icon">
					<Icon name={choice.icon} />
				</span>
				<span className="app-row-title">{choice.label}</span>
			</span>
		);
	const isChat = choice.what === "chat";
	const face = isChat ? (choice.entry.other ?? choice.entry.chat) : choice.person;
	const name = isChat ? choice.name : choice.person.displayName;
	const isThread = isChat && choice.entry.chat.type === "thread";
	return (
		<span className="app-row">
			<ChatFace isThread={isThread} id={face.id} name={name} url={face.avatarUrl} size={36} />
			<span className="app-row-title" dir="auto">
				{name}
			</span>
			{isChat && choice.entry.unread > 0 && <span className="app-count">{choice.entry.unread}</span>}
		</span>
	);
}
