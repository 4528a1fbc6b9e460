import { useClient } from "@parley/react";
import type { Session } from "../../contracts/auth.ts";
import { useTexts } from "../i18n/i18n.ts";
import { Dialog } from "../parts/dialog.tsx";
import { ProblemNote } from "../parts/form.tsx";
import { Icon } from "../parts/icon.tsx";
import { useAction } from "../parts/use-action.ts";
import { usePages } from "../parts/use-pages.ts";
import { useWhen } from "../parts/when.ts";
import { deviceOf } from "./device.rules.ts";
import type { DialogProps } from "./open-dialog.tsx";

/** Where one is signed in, and how to end it there. */
export default function Sessions({ onClose }: DialogProps) {
	const t = useTexts();
	const client = useClient();
	const when = useWhen();
	const sessions = usePages<Session>(
		cursor => client.rest("GET /auth/sessions", { ...(cursor && { cursor }) }),
		"",
	);
	const { busy, problem, run } = useAction(async (id: string) => {
		await client.rest("DELETE /auth/sessions/:id", { id });
		sessions.edit(items => items.filter(session => session.id !== id));
	});
	return (
		<Dialog title={t.sessions} onClose={onClose}>
			<ProblemNote problem={problem ?? sessions.problem} />
			<ul className="app-list">
				{sessions.items?.map(session => {
					const device = deviceOf(session.userAgent) ?? t.unknownDevice;
					return (
						<li key={session.id} className="app-row">
							<span className="app-row-icon">
								<Icon name="devices" size={22} />
							</span>
							<span className="app-row-text">
								<span className="app-row-title">
									{device}
									{session.current && <span className="app-tag">{t.thisDevice}</span>}
								</span>
								<span className="app-row-sub">
									{t.signedInAt(when(session.createdAt))}, {t.lastUsedAt(when(session.lastUsedAt))}
								</span>
							</span>
							{!session.current && (
								<button
									type="button"
									className="app-button"
									disabled={busy}
									aria-label={t.endSessionOf(device)}
									onClick={() => void run(session.id)}
								>
									{t.endSession}
								</button>
							)}
						</li>
					);
				})}
			</ul>
			{!sessions.items && sessions.busy && <p className="app-empty-line">{t.loading}</p>}
			{sessions.hasMore && (
				<button type="button" className="app-link" onClick={sessions.more}>
					{t.more}
				</button>
			)}
		</Dialog>
	);
}
