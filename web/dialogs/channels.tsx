import type { Chat } from "@parley/client";
import { useClient } from "@parley/react";
import { useState } from "react";
import { LIMITS } from "../../contracts/limits.ts";
import { useTexts } from "../i18n/i18n.ts";
import { Dialog } from "../parts/dialog.tsx";
import { Face } from "../parts/face.tsx";
import { ProblemNote } from "../parts/form.tsx";
import { Icon } from "../parts/icon.tsx";
import { useValue } from "../parts/store.ts";
import { useAction } from "../parts/use-action.ts";
import { usePages } from "../parts/use-pages.ts";
import { go } from "../router/router.ts";
import { toChat } from "../router/routes.rules.ts";
import { show } from "./dialogs.ts";
import type { DialogProps } from "./open-dialog.tsx";

type Channel = Omit<Chat, "metadata" | "lastMessage">;

/** All channels of the server: found by name, joined with a click. */
export default function Channels({ onClose }: DialogProps) {
	const t = useTexts();
	const client = useClient();
	const inbox = useValue(client.inbox);
	const [search, setSearch] = useState("");
	const wanted = search.trim();
	const channels = usePages<Channel>(
		cursor => client.rest("GET /channels", { ...(wanted && { search: wanted }), ...(cursor && { cursor }) }),
		wanted,
	);
	const open = (chatId: string) => {
		onClose();
		go(toChat(chatId));
	};
	const { busy, problem, run } = useAction(async (channel: Channel) => {
		await client.chat(channel.id).join();
		open(channel.id);
	});
	const isMember = (channel: Channel) => inbox.items.some(({ chat }) => chat.id === channel.id);
	return (
		<Dialog title={t.channels} onClose={onClose}>
			<div className="app-toolbar">
				<input
					type="search"
					className="app-input"
					aria-label={t.searchChannels}
					placeholder={t.searchChannels}
					maxLength={LIMITS.searchMax}
					value={search}
					onChange={event => setSearch(event.target.value)}
				/>
				<button type="button" className="app-button" onClick={() => show("newChannel")}>
					<Icon name="plus" size={18} />
					{t.newChannel}
				</button>
			</div>
			<ProblemNote problem={problem ?? channels.problem} />
			<ul className="app-list">
				{channels.items?.map(channel => (
					<li key={channel.id} className="app-row app-channel">
						<Face id={channel.id} name={channel.name ?? "#"} url={channel.avatarUrl} size={40} />
						<span className="app-row-text">
							<span className="app-row-title" dir="auto">
								{channel.name ?? t.kindChannel}
							</span>
							<span className="app-row-sub" dir="auto">
								{t.members(channel.memberCount)}
								{channel.description && ` · ${channel.description}`}
							</span>
						</span>
						{isMember(channel) ? (
							<button type="button" className="app-button" onClick={() => open(channel.id)}>
								{t.open}
							</button>
						) : (
							<button
								type="button"
								className="app-button app-button-main"
								disabled={busy}
								onClick={() => void run(channel)}
							>
								{t.join}
							</button>
						)}
					</li>
				))}
			</ul>
			{channels.items?.length === 0 && (
				<p className="app-empty-line" role="status">
					{wanted ? t.noChannels : t.noChannelsAtAll}
				</p>
			)}
			{!channels.items && channels.busy && <p className="app-empty-line">{t.loading}</p>}
			{channels.hasMore && (
				<button type="button" className="app-link" onClick={channels.more}>
					{t.more}
				</button>
			)}
		</Dialog>
	);
}
