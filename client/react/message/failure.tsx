import type { ChatHandle, ShownMessage } from "@parley/client";
import { useParley } from "../context.tsx";
import { useConversation } from "../conversation-context.tsx";
import type { MessagePartProps } from "../slots.ts";
import { useCopy } from "./use-copy.ts";

type Change = Extract<ShownMessage["change"], { state: "failed" }>;

/** Below a message that was not sent, or of which a change was refused: what one can do now. */
export function Failure({ message, isEntered }: MessagePartProps) {
	const { texts } = useParley();
	const { handle } = useConversation();
	const { delivery, change } = message;
	const refused = delivery.state !== "failed" && change?.state === "failed" ? change : null;
	const failed = delivery.state === "failed" ? delivery : refused;
	if (!failed) return null;
	const tabIndex = isEntered ? 0 : -1;
	return (
		<div className="parley-failure" data-refused={refused?.kind}>
			<span>{refused ? texts.message.refused[refused.kind] : texts.message.failed}</span>
			{failed.retryable && (
				<button
					type="button"
					tabIndex={tabIndex}
					onClick={() => {
						for (const key of keysOf(message)) handle.retry(key);
					}}
				>
					{texts.message.retry}
				</button>
			)}
			{refused?.kind === "edit" && <Words message={message} change={refused} tabIndex={tabIndex} />}
			<button type="button" tabIndex={tabIndex} onClick={() => giveUp(handle, message)}>
				{texts.message.discard}
			</button>
		</div>
	);
}

/** A change of a message that was not loaded then is known by the message's id. */
const keysOf = ({ key, id }: ShownMessage): string[] => (key === id ? [key] : [key, id]);

function giveUp(handle: ChatHandle, message: ShownMessage): void {
	for (const key of keysOf(message)) handle.discard(key);
}

/** The words of a refused edit stand nowhere else: one can take them along, or go on with them. */
function Words({ message, change, tabIndex }: { message: ShownMessage; change: Change; tabIndex: 0 | -1 }) {
	const { texts } = useParley();
	const { handle, setMode } = useConversation();
	const copy = useCopy();
	const words = change.content ?? "";
	return (
		<>
			{!message.isDeleted && (
				<button
					type="button"
					tabIndex={tabIndex}
					title={words}
					onClick={() => {
						giveUp(handle, message);
						setMode({ kind: "edit", message, words });
					}}
				>
					{texts.message.editAgain}
				</button>
			)}
			<button type="button" tabIndex={tabIndex} title={words} onClick={() => copy(words)}>
				{texts.actions.copy}
			</button>
		</>
	);
}
