import type { UserCard } from "@parley/client";
import { useClient } from "@parley/react";
import { StatusLine } from "../details/status-line.tsx";
import { useTexts } from "../i18n/i18n.ts";
import { Dialog } from "../parts/dialog.tsx";
import { Face } from "../parts/face.tsx";
import { ProblemNote } from "../parts/form.tsx";
import { Icon } from "../parts/icon.tsx";
import { useValue } from "../parts/store.ts";
import { useAction } from "../parts/use-action.ts";
import { go } from "../router/router.ts";
import { toChat } from "../router/routes.rules.ts";
import { person, show } from "./dialogs.ts";

export function Person() {
	const userId = useValue(person);
	return userId && <Card key={userId} userId={userId} />;
}

function Card({ userId }: { userId: string }) {
	const client = useClient();
	const card = useValue(client.user(userId));
	return card && <Shown card={card} />;
}

function Shown({ card }: { card: UserCard }) {
	const t = useTexts();
	const client = useClient();
	const me = useValue(client.me);
	const isMe = card.id === me?.id;
	const close = () => person.set(null);
	const { busy, problem, run } = useAction(async () => {
		if (isMe) show("profile");
		else go(toChat((await client.createChat({ participantIds: [card.id] })).id));
		close();
	});
	return (
		<Dialog title={t.person} onClose={close} form="small">
			<div className="app-details-head">
				<Face id={card.id} name={card.displayName} url={card.avatarUrl} size={88} />
				<h3 dir="auto">{card.displayName}</h3>
				<p className="app-row-sub">@{card.username}</p>
				<StatusLine userId={card.id} />
				<ProblemNote problem={problem} />
				<button
					type="button"
					className="app-button app-button-main"
					disabled={busy}
					onClick={() => void run()}
				>
					<Icon name={isMe ? "edit" : "chat"} size={18} />
					{isMe ? t.profile : t.sendMessage}
				</button>
			</div>
		</Dialog>
	);
}
