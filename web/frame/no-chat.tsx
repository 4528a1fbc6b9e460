import type { Client } from "@parley/client";
import { show } from "../dialogs/dialogs.ts";
import { useTexts } from "../i18n/i18n.ts";
import { Icon } from "../parts/icon.tsx";
import { useValue } from "../parts/store.ts";

/** In place of a conversation: what one could do next. */
export function NoChat({ client }: { client: Client }) {
	const t = useTexts();
	const inbox = useValue(client.inbox);
	if (!inbox.loaded) return null;
	const isNew = inbox.items.length === 0;
	return (
		<section className="app-empty">
			<img src="/icons/logo.svg" alt="" width="72" height="72" />
			<h2>{isNew ? t.noChats : t.noChatOpen}</h2>
			<p>{isNew ? t.noChatsText : t.noChatOpenText}</p>
			<div className="app-empty-actions">
				<button type="button" className="app-button app-button-main" onClick={() => show("newDirect")}>
					<Icon name="plus" size={18} />
					{t.newChat}
				</button>
				<button type="button" className="app-button" onClick={() => show("channels")}>
					<Icon name="hash" size={18} />
					{t.browseChannels}
				</button>
			</div>
			<p className="app-hint">{t.tip("?")}</p>
		</section>
	);
}
