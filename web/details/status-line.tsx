import { useClient } from "@parley/react";
import { useTexts } from "../i18n/i18n.ts";
import { useValue } from "../parts/store.ts";

/** Whether somebody is there, and what they say of it. */
export function StatusLine({ userId }: { userId: string }) {
	const t = useTexts();
	const { status, text } = useValue(useClient().presence(userId));
	const words = { online: t.statusOnline, away: t.statusAway, dnd: t.statusDnd, offline: t.offline };
	return (
		<p className="app-status" data-status={status}>
			<span className="app-status-dot" aria-hidden="true" />
			{words[status]}
			{text && <span dir="auto"> · {text}</span>}
		</p>
	);
}
