import type { ServerToClient } from "../../contracts/socket.ts";
import type { Link } from "../parts.ts";
import * as rules from "./inbox.rules.ts";

/** What something heard makes of what is known. */
export type Change = (log: rules.InboxLog) => rules.Step;

type Rules = {
	[E in keyof ServerToClient]?: (log: rules.InboxLog, payload: ServerToClient[E]) => rules.Step;
};

const RULES: Rules = {
	message: rules.onMessage,
	"message:update": rules.onMessageChanged,
	"message:delete": rules.onMessageChanged,
	"message:pin": rules.onMessageChanged,
	"message:unpin": rules.onMessageChanged,
	"message:reaction": rules.onMessageChanged,
	"chat:created": rules.onChatCreated,
	"chat:updated": rules.onChatUpdated,
	"chat:deleted": (log, { id }) => rules.onChatGone(log, id),
	"chat:member-joined": (log, change) => rules.onMember(log, change, 1),
	"chat:member-left": (log, change) => rules.onMember(log, change, -1),
	"chat:member-updated": (log, change) => rules.onMember(log, change, 0),
	"inbox:update": rules.onInboxUpdate,
};

/** Turns each event that concerns the inbox into a change of it. */
export function hear(link: Link, take: (change: Change) => void): void {
	for (const event of Object.keys(RULES) as (keyof ServerToClient)[]) {
		const rule = RULES[event] as (log: rules.InboxLog, payload: unknown) => rules.Step;
		link.on(event, payload => take(log => rule(log, payload)));
	}
}
