import { useClient } from "@parley/react";
import { useTexts } from "../i18n/i18n.ts";
import { Dialog } from "../parts/dialog.tsx";
import { useValue } from "../parts/store.ts";
import { useDemoPeople } from "../session/demo.ts";
import { DemoPeople } from "../session/demo-people.tsx";
import type { DialogProps } from "./open-dialog.tsx";

/** In development: one click, and one is somebody else. */
export default function SwitchPerson({ onClose }: DialogProps) {
	const t = useTexts();
	const me = useValue(useClient().me);
	const people = useDemoPeople();
	return (
		<Dialog title={t.switchPerson} onClose={onClose} form="small">
			{people.length === 0 ? (
				<p>{t.nothingFound}</p>
			) : (
				<DemoPeople except={me?.username ?? null} onDone={onClose} />
			)}
		</Dialog>
	);
}
