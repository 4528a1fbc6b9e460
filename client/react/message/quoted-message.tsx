import { useTexts } from "../context.tsx";
import { useConversation } from "../conversation-context.tsx";
import { useMessage } from "../hooks/use-message.ts";
import { useMe, useUser } from "../hooks/use-user.ts";
import type { QuotedMessageProps } from "../slots.ts";
import { excerpt } from "./excerpt.rules.ts";

/** What a message answers; goes to it. */
export function QuotedMessage({ messageId, isEntered }: QuotedMessageProps) {
	const texts = useTexts();
	const { jumpTo } = useConversation();
	const message = useMessage(messageId);
	const sender = useUser(message?.senderId);
	const me = useMe();
	if (message === null)
		return <p className="parley-quote parley-quote-missing">{texts.message.quoteMissing}</p>;
	const name = sender && sender.id === me?.id ? texts.message.you : sender?.displayName;
	return (
		<button
			type="button"
			className="parley-quote"
			tabIndex={isEntered ? 0 : -1}
			title={texts.message.goToQuoted}
			onClick={() => jumpTo({ messageId })}
		>
			<span className="parley-quote-name" dir="auto">
				{name ?? "\u00a0"}
			</span>
			<span className="parley-quote-text" dir="auto">
				{message ? excerpt(message, texts) : "\u00a0"}
			</span>
		</button>
	);
}
