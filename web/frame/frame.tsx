import type { Client } from "@parley/client";
import { Messenger } from "@parley/react";
import { person, show } from "../dialogs/dialogs.ts";
import { OpenDialog } from "../dialogs/open-dialog.tsx";
import { Person } from "../dialogs/person.tsx";
import { useShortcuts } from "../shortcuts/use-shortcuts.ts";
import { Follower } from "./follower.tsx";
import { ListHeader } from "./list-header.tsx";
import { neighbour, nextUnread } from "./neighbours.rules.ts";
import { NoChat } from "./no-chat.tsx";
import { UpdateBanner } from "./update-banner.tsx";
import { TWO_COLUMNS, useMedia } from "./use-media.ts";
import { useNotices } from "./use-notices.ts";
import { usePlace } from "./use-place.ts";

/** The app of one who is signed in. */
export function Frame({ client }: { client: Client }) {
	const { chatId, panel, setChat, setPanel } = usePlace(client);
	const isWide = useMedia(TWO_COLUMNS);
	useNotices(client);

	const chats = () => client.inbox.get().items;
	const open = (id: string | null) => id !== null && setChat(id);
	const toggle = (kind: "details") => chatId !== null && setPanel(panel?.kind === kind ? null : { kind });
	useShortcuts({
		switcher: () => show("switcher"),
		previousChat: () => open(neighbour(chats(), chatId, -1)),
		nextChat: () => open(neighbour(chats(), chatId, 1)),
		nextUnread: () => open(nextUnread(chats(), chatId)),
		jumpToDate: () => chatId !== null && show("jumpToDate"),
		close: () => panel !== null && setPanel(null),
		newChat: () => show("newDirect"),
		channels: () => show("channels"),
		people: () => show("people"),
		details: () => toggle("details"),
		profile: () => show("profile"),
		settings: () => show("settings"),
		readAll: () => void client.readAll().catch(() => undefined),
		help: () => show("shortcuts"),
		write: focusComposer,
	});

	return (
		<div className="app-frame">
			<UpdateBanner />
			<Messenger
				chatId={chatId}
				onChatChange={setChat}
				panel={panel}
				onPanelChange={setPanel}
				header={<ListHeader />}
				onNewChat={() => show("newDirect")}
				onPerson={userId => person.set(userId)}
				actions={<Follower />}
			>
				{chatId === null && isWide ? <NoChat client={client} /> : undefined}
			</Messenger>
			<OpenDialog chatId={chatId} />
			<Person />
		</div>
	);
}

function focusComposer(): boolean {
	const field = document.querySelector<HTMLElement>(".parley-main .parley-composer-text");
	field?.focus();
	return field !== null;
}
