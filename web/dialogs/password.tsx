import { useClient } from "@parley/react";
import { useState } from "react";
import { LIMITS } from "../../contracts/limits.ts";
import { useTexts } from "../i18n/i18n.ts";
import { Dialog } from "../parts/dialog.tsx";
import { PasswordField, ProblemNote } from "../parts/form.tsx";
import { textOf } from "../parts/form-data.ts";
import { useAction } from "../parts/use-action.ts";
import type { DialogProps } from "./open-dialog.tsx";

export default function Password({ onClose }: DialogProps) {
	const t = useTexts();
	const client = useClient();
	const [isDone, setDone] = useState(false);
	const change = async (currentPassword: string, newPassword: string) => {
		await client.rest("POST /auth/password", { currentPassword, newPassword });
		setDone(true);
	};
	const { busy, problem, run } = useAction(change, { FORBIDDEN: t.wrongPassword });
	return (
		<Dialog title={t.changePassword} onClose={onClose} form="small">
			{isDone ? (
				<>
					<p className="app-note" role="status">
						{t.passwordChanged}
					</p>
					<div className="app-buttons">
						<button type="button" className="app-button app-button-main" onClick={onClose}>
							{t.close}
						</button>
					</div>
				</>
			) : (
				<form
					className="app-form"
					onSubmit={event => {
						event.preventDefault();
						const data = new FormData(event.currentTarget);
						void run(textOf(data, "currentPassword"), textOf(data, "newPassword"));
					}}
				>
					<PasswordField
						label={t.currentPassword}
						name="currentPassword"
						autoComplete="current-password"
						required
						maxLength={LIMITS.passwordMax}
						error={problem?.fields.currentPassword}
					/>
					<PasswordField
						label={t.newPassword}
						name="newPassword"
						hint={t.passwordHint}
						autoComplete="new-password"
						required
						minLength={LIMITS.passwordMin}
						maxLength={LIMITS.passwordMax}
						error={problem?.fields.newPassword}
					/>
					<ProblemNote problem={problem} />
					<div className="app-buttons">
						<button type="button" className="app-button" onClick={onClose}>
							{t.cancel}
						</button>
						<button type="submit" className="app-button app-button-main" disabled={busy}>
							{busy ? t.saving : t.changePassword}
						</button>
					</div>
				</form>
			)}
		</Dialog>
	);
}
