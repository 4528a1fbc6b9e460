import { useEffect, useState } from "react";
import { useTexts } from "../context.tsx";
import { useConversation } from "../conversation-context.tsx";
import { useChatState } from "../hooks/use-chat-state.ts";
import { useFormat } from "../hooks/use-format.ts";
import { type Hindrance, whyNotSend } from "../message/rights.ts";
import { useStanding } from "../message/use-standing.ts";

/** The longest that a browser's timer waits. */
const WAIT_MAX_MS = 2 ** 31 - 1;

export type Blocked = Hindrance | { why: "gone" };

/** Why one may not write in the conversation now, else null; ends by itself when its time is over. */
export function useHindrance(inThread: boolean): Blocked | null {
	const standing = useStanding();
	const status = useChatState(undefined, state => state.status);
	const [now, setNow] = useState(() => new Date().toISOString());
	const hindrance = standing && whyNotSend(inThread ? { ...standing, chatType: "thread" } : standing, now);
	const until = hindrance?.why === "silenced" ? hindrance.until : null;
	useEffect(() => {
		if (until === null) return;
		const ms = Math.min(Math.max(Date.parse(until) - Date.now() + 500, 0), WAIT_MAX_MS);
		const timer = setTimeout(() => setNow(new Date().toISOString()), ms);
		return () => clearTimeout(timer);
	}, [until]);
	return status === "gone" ? { why: "gone" } : hindrance;
}

/** In the composer's place. */
export function Hindered({ hindrance }: { hindrance: Blocked }) {
	const texts = useTexts().composer;
	const format = useFormat();
	const { handle } = useConversation();
	const isChannel = useChatState(undefined, ({ chat }) => chat?.type === "channel");
	const [isBusy, setBusy] = useState(false);
	const words = {
		gone: texts.gone,
		"announce-only": texts.announceOnly,
		"not-member": isChannel ? texts.notMember : texts.gone,
		silenced: hindrance.why === "silenced" ? texts.silenced(format.relative(hindrance.until)) : "",
	};
	const join = () => {
		setBusy(true);
		handle.join().then(
			() => setBusy(false),
			() => setBusy(false),
		);
	};
	return (
		<div className="parley-composer parley-hindered">
			<p title={hindrance.why === "silenced" ? format.full(hindrance.until) : undefined}>
				{words[hindrance.why]}
			</p>
			{hindrance.why === "not-member" && isChannel && (
				<button type="button" className="parley-button" data-look="accent" disabled={isBusy} onClick={join}>
					{texts.join}
				</button>
			)}
		</div>
	);
}
