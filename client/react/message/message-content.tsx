import { useTexts } from "../context.tsx";
import { useMe, useUsers } from "../hooks/use-user.ts";
import type { MessagePartProps } from "../slots.ts";
import { Words } from "./words.tsx";

/** What a message says: its words, or that there are none. */
export function MessageContent({ message, isEntered }: MessagePartProps) {
	const texts = useTexts().message;
	const me = useMe();
	const mentioned = useUsers(message.mentions);
	if (message.isDeleted) {
		return <p className="parley-deleted">{message.isOwn ? texts.deletedOwn : texts.deleted}</p>;
	}
	if (message.content === null) return <p className="parley-deleted">{texts.unsupported}</p>;
	return (
		<Words
			content={message.content}
			mentioned={mentioned}
			meId={me?.id ?? null}
			tabIndex={isEntered ? 0 : -1}
		/>
	);
}
