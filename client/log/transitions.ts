import type { ChatStatus } from "../api.ts";

/** A line of the table in the documentation, which the tests try one by one. */
export interface ChatTransition {
	from: ChatStatus;
	/** What happens. */
	on: string;
	to: ChatStatus;
	/** What a reader should know of it. */
	note?: string;
}

const ERASED = "What was stored is erased.";
const AGAIN = "`error` says why. Asks again after a back-off.";

/** Every transition of a chat. */
export const CHAT_TRANSITIONS = [
	{ from: "closed", on: "open()", to: "opening" },
	{
		from: "opening",
		on: "something is stored",
		to: "recovering",
		note: "It is shown, also when one is offline.",
	},
	{ from: "opening", on: "answered", to: "live" },
	{ from: "opening", on: "no answer", to: "opening", note: AGAIN },
	{ from: "opening", on: "NOT_FOUND or FORBIDDEN", to: "gone", note: "`error` says why." },
	{ from: "opening", on: "deleted", to: "gone" },
	{ from: "opening", on: "closed, and eight others after it", to: "closed" },
	{ from: "opening", on: "signOut()", to: "closed", note: ERASED },
	{ from: "live", on: "a change was missed", to: "recovering" },
	{
		from: "live",
		on: "connected again",
		to: "recovering",
		note: "During the break it stays `live`; `client.connection` tells of it.",
	},
	{ from: "live", on: "no longer a member", to: "gone", note: ERASED },
	{
		from: "live",
		on: "no longer following a thread",
		to: "recovering",
		note: "Who may read the chat that it is in may still read it.",
	},
	{ from: "live", on: "deleted", to: "gone", note: ERASED },
	{
		from: "live",
		on: "closed, and eight others after it",
		to: "closed",
		note: "Until then it stays up to date.",
	},
	{ from: "live", on: "signOut()", to: "closed", note: ERASED },
	{ from: "recovering", on: "answered", to: "live", note: "`recovered` says how many changes were missed." },
	{
		from: "recovering",
		on: "more than 1,000 changes missed",
		to: "live",
		note: "Begins anew with the newest page; `reset` says so.",
	},
	{ from: "recovering", on: "no answer", to: "recovering", note: AGAIN },
	{ from: "recovering", on: "NOT_FOUND or FORBIDDEN", to: "gone", note: `\`error\` says why. ${ERASED}` },
	{ from: "recovering", on: "deleted", to: "gone", note: ERASED },
	{ from: "recovering", on: "closed, and eight others after it", to: "closed" },
	{ from: "recovering", on: "signOut()", to: "closed", note: ERASED },
	{ from: "gone", on: "a member again", to: "opening", note: "While somebody has it open. It begins anew." },
	{ from: "gone", on: "open()", to: "opening" },
	{ from: "gone", on: "closed, and eight others after it", to: "closed" },
	{ from: "gone", on: "signOut()", to: "closed" },
] as const satisfies readonly ChatTransition[];
