import type { ChatHandle, Member } from "@parley/client";
import { useTexts } from "../i18n/i18n.ts";
import { isMuted } from "../notices/notices.rules.ts";
import { ProblemNote } from "../parts/form.tsx";
import { Icon } from "../parts/icon.tsx";
import { useAction } from "../parts/use-action.ts";
import { useWhen } from "../parts/when.ts";
import { endOf, isForGood, MUTES, type Mute } from "./mute.rules.ts";

/** One's own notifications of a chat: on, or off for how long. */
export function MuteControl({ handle, self }: { handle: ChatHandle; self: Member }) {
	const t = useTexts();
	const when = useWhen();
	const { busy, problem, run } = useAction((until: Date | null) => handle.mute(until));
	const until = isMuted({ self }, Date.now()) ? (self.mutedUntil ?? null) : null;
	const labels: Record<Mute, string> = {
		hour: t.muteHour,
		evening: t.muteEvening,
		week: t.muteWeek,
		forGood: t.muteForGood,
	};
	return (
		<section className="app-mute">
			<h4>{t.notifications}</h4>
			<p className="app-row">
				<Icon name={until ? "bellOff" : "bell"} />
				<span className="app-row-text">
					{until ? (isForGood(until) ? t.mutedForGood : t.mutedUntil(when(until))) : t.notMuted}
				</span>
			</p>
			{until ? (
				<button type="button" className="app-button" disabled={busy} onClick={() => void run(null)}>
					{t.unmute}
				</button>
			) : (
				<fieldset className="app-mute-choices" disabled={busy}>
					<legend className="app-hint">{t.muteFor}</legend>
					{MUTES.map(mute => (
						<button
							key={mute}
							type="button"
							className="app-chip"
							onClick={() => void run(endOf(mute, Date.now()))}
						>
							{labels[mute]}
						</button>
					))}
				</fieldset>
			)}
			<ProblemNote problem={problem} />
		</section>
	);
}
