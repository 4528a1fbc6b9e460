import { usePresence } from "@parley/react";
import { useTexts } from "../i18n/i18n.ts";

/** Whether somebody is there, and what they say of it; nothing while that is not known. */
export function StatusLine({ userId }: { userId: string }) {
	const t = useTexts();
	const presence = usePresence(userId);
	if (!presence) return null;
	const { status, text } = presence;
	const words = { online: t.statusOnline, away: t.statusAway, dnd: t.statusDnd, offline: t.offline };
	return (
		<p className="app-status" data-status={status}>
			<span className="app-status-dot" aria-hidden="true" />
			{words[status]}
			{text && <span dir="auto"> · {text}</span>}
		</p>
	);
}
