import { useClient } from "@parley/react";
import { useTexts } from "../i18n/i18n.ts";
import { Confirm } from "../parts/confirm.tsx";
import { useValue } from "../parts/store.ts";
import { useAction } from "../parts/use-action.ts";
import { go } from "../router/router.ts";
import { HOME } from "../router/routes.rules.ts";
import { signOut } from "../session/session.ts";
import type { DialogProps } from "./open-dialog.tsx";

export default function SignOut({ onClose }: DialogProps) {
	const t = useTexts();
	const client = useClient();
	const waiting = useValue(client.waiting);
	const action = useAction(async () => {
		await signOut();
		go(HOME, "replace");
	});
	return (
		<Confirm title={t.signOutTitle} verb={t.signOut} action={action} onDone={onClose} onClose={onClose}>
			<p>{t.signOutText}</p>
			{waiting > 0 && <p className="app-problem">{t.signOutWaiting(waiting)}</p>}
		</Confirm>
	);
}
