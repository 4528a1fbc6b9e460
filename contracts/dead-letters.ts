import { action, type Page } from "./contract.ts";
import * as field from "./fields.ts";

/** An event that a consumer or the relay gave up on, so that it held nobody up. */
export interface DeadLetter {
	id: string;
	/** `relay`, or the consumer that could not take it. */
	consumer: string;
	eventId: string | null;
	/** As it came. */
	event: string;
	reason: string;
	at: string;
}

export const list = action<Page<DeadLetter>>()({
	action: "dead-letters.list",
	doc: "Events that were given up on, the latest first.",
	rest: "GET /admin/dead-letters",
	auth: "admin",
	rate: "read",
	params: { $$strict: true, cursor: field.cursor, limit: field.limit },
});

export const remove = action<null>()({
	action: "dead-letters.remove",
	doc: "Removes a dead letter that was dealt with.",
	rest: "DELETE /admin/dead-letters/:id",
	status: 204,
	auth: "admin",
	rate: "write",
	params: { $$strict: true, id: field.id },
});
