import { useTexts } from "../context.tsx";
import { useConversation } from "../conversation-context.tsx";
import { useFormat } from "../hooks/use-format.ts";
import { ThreadIcon } from "../icons.tsx";
import type { MessagePartProps } from "../slots.ts";

/** "3 replies · 2 hours ago": opens the thread. */
export function ThreadLink({ message, isEntered }: MessagePartProps) {
	const texts = useTexts().message;
	const format = useFormat();
	const { panel, setPanel } = useConversation();
	const { thread } = message;
	if (!thread || thread.count === 0) return null;
	const isOpen = panel?.kind === "thread" && panel.messageId === message.id;
	return (
		<button
			type="button"
			className="parley-thread-link"
			tabIndex={isEntered ? 0 : -1}
			aria-expanded={isOpen}
			onClick={() => setPanel({ kind: "thread", messageId: message.id })}
		>
			<ThreadIcon width={16} height={16} />
			<span className="parley-thread-count">{texts.replies(thread.count)}</span>
			{thread.lastAt && (
				<time dateTime={thread.lastAt} title={texts.lastReply(format.full(thread.lastAt))}>
					{format.relative(thread.lastAt)}
				</time>
			)}
		</button>
	);
}
