import type { Status } from "@parley/client";
import { useClient } from "@parley/react";
import { useState } from "react";
import { LIMITS } from "../../contracts/limits.ts";
import { useTexts } from "../i18n/i18n.ts";
import { Dialog } from "../parts/dialog.tsx";
import { Face } from "../parts/face.tsx";
import { Choice, Field, ProblemNote } from "../parts/form.tsx";
import { textOf } from "../parts/form-data.ts";
import { useValue } from "../parts/store.ts";
import { useAction } from "../parts/use-action.ts";
import type { DialogProps } from "./open-dialog.tsx";

/** How others see one: name, picture, whether one is there, and what one says of it. */
export default function Profile({ onClose }: DialogProps) {
	const t = useTexts();
	const client = useClient();
	const me = useValue(client.me);
	if (!me) return null;
	return (
		<Dialog title={t.profile} onClose={onClose} form="small">
			<div className="app-profile">
				<Face id={me.id} name={me.displayName} url={me.avatarUrl} size={72} />
				<div>
					<p className="app-profile-name" dir="auto">
						{me.displayName}
					</p>
					<p className="app-row-sub">@{me.username}</p>
					{me.email && <p className="app-row-sub">{me.email}</p>}
				</div>
			</div>
			<ProfileForm key={me.id} meId={me.id} onClose={onClose} />
		</Dialog>
	);
}

function ProfileForm({ meId, onClose }: { meId: string; onClose(): void }) {
	const t = useTexts();
	const client = useClient();
	const me = useValue(client.me);
	const present = useValue(client.presence(meId));
	// Until one chooses, the present state is shown as it comes in.
	const [chosen, setChosen] = useState<Status | null>(null);
	const [ownText, setOwnText] = useState<string | null>(null);
	const status = chosen ?? present.status;
	const text = ownText ?? present.text ?? "";
	const { busy, problem, run } = useAction(async (displayName: string) => {
		if (displayName !== me?.displayName) await client.updateMe({ displayName });
		if (chosen !== null || ownText !== null) await client.setPresence(status, text.trim() || null);
		onClose();
	});
	return (
		<form
			className="app-form"
			onSubmit={event => {
				event.preventDefault();
				void run(textOf(new FormData(event.currentTarget), "displayName").trim());
			}}
		>
			<Choice<Status>
				label={t.status}
				value={status}
				onChange={setChosen}
				choices={[
					{ value: "online", label: t.statusOnline },
					{ value: "away", label: t.statusAway },
					{ value: "dnd", label: t.statusDnd },
					{ value: "offline", label: t.statusOffline },
				]}
			/>
			<Field
				label={t.statusText}
				name="statusText"
				hint={t.statusTextHint}
				optional
				maxLength={LIMITS.statusTextMax}
				value={text}
				onChange={event => setOwnText(event.target.value)}
			/>
			<Field
				label={t.displayName}
				name="displayName"
				defaultValue={me?.displayName}
				maxLength={LIMITS.displayNameMax}
				required
				pattern=".*\S.*"
				autoComplete="name"
				error={problem?.fields.displayName}
			/>
			<ProblemNote problem={problem} />
			<div className="app-buttons">
				<button type="button" className="app-button" onClick={onClose}>
					{t.cancel}
				</button>
				<button type="submit" className="app-button app-button-main" disabled={busy}>
					{busy ? t.saving : t.save}
				</button>
			</div>
		</form>
	);
}
