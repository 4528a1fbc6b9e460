import type { UserCard } from "@parley/client";
import { useClient } from "@parley/react";
import { useTexts } from "../i18n/i18n.ts";
import { Dialog } from "../parts/dialog.tsx";
import { ProblemNote } from "../parts/form.tsx";
import { PeoplePicker } from "../parts/people-picker.tsx";
import { useAction } from "../parts/use-action.ts";
import { go } from "../router/router.ts";
import { toChat } from "../router/routes.rules.ts";
import type { DialogProps } from "./open-dialog.tsx";

/** Everybody on this server, by name; a click begins to talk. */
export default function People({ onClose }: DialogProps) {
	const t = useTexts();
	const client = useClient();
	const { problem, run } = useAction(async (person: UserCard) => {
		const chat = await client.createChat({ participantIds: [person.id] });
		onClose();
		go(toChat(chat.id));
	});
	return (
		<Dialog title={t.people} onClose={onClose}>
			<PeoplePicker label={t.findSomebody} onPick={person => void run(person)} />
			<ProblemNote problem={problem} />
		</Dialog>
	);
}
