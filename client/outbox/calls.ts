import { parleyError } from "../errors.ts";
import type { Link } from "../parts.ts";
import type { Op, Outcome } from "./outbox.rules.ts";

/** Asks the server to do what an operation says. Each may be repeated: it then changes nothing more. */
export async function perform(link: Link, op: Op): Promise<Outcome> {
	try {
		if (op.kind === "send") return await link.call("message", { chatId: op.chatId, ...op.draft });
		if (op.kind === "read") return await link.call("message:read", { chatId: op.chatId, seq: op.seq });
		const messageId = op.messageId ?? "";
		switch (op.kind) {
			case "edit": {
				const { content, mentions } = op;
				return await link.call("message:update", { messageId, content, ...(mentions && { mentions }) });
			}
			case "react":
			case "unreact":
				return await link.call(`message:${op.kind}`, { messageId, emoji: op.emoji });
			default:
				return await link.call(`message:${op.kind}`, { messageId });
		}
	} catch (err) {
		return { error: parleyError(err) };
	}
}
