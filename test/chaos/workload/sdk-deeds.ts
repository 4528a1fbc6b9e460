/** What people do on devices with the SDK: what they ask for is done at once, and sent when it can be. */
import { randomUUID } from "node:crypto";
import type { Deed, Send } from "../record.ts";
import type { Cast } from "./cast.ts";
import type { Choices, DoneByDevice } from "./choices.ts";
import type { SdkDevice } from "./sdk.ts";

const RECENT = 12;
const EMOJI = "🎉";

/** @returns what was asked for, if anything; what became of it is known at the end */
export function doSdk(does: DoneByDevice, sdk: SdkDevice, cast: Cast, choices: Choices): Deed | null {
	if (does === "vanish") {
		sdk.device.line.cut();
		return null;
	}
	if (does === "look") return null; // it has what it shows
	const asking = ask(does, sdk, choices.one(cast.chatIds), choices);
	if (!asking) return null;
	sdk.asked(asking.deed, asking.key);
	return asking.deed;
}

interface Asking {
	deed: Deed;
	/** Of the message. */
	key: string;
}

function ask(
	does: Exclude<DoneByDevice, "vanish" | "look">,
	sdk: SdkDevice,
	chatId: string,
	choices: Choices,
): Asking | null {
	const chat = sdk.device.chat(chatId);
	const asked = { by: sdk.who.id, chatId, outcome: "unknown" as const, at: Date.now(), ms: 0, errors: 0 };
	if (does === "send") {
		const clientId = randomUUID();
		const send: Send = { ...asked, does, clientId, content: `said ${clientId}`, mentions: [] };
		chat.send({ content: send.content, clientId });
		return { deed: send, key: clientId };
	}
	const recent = sdk.recent(chatId).slice(-RECENT);
	const placed = recent.filter(({ seq, isDeleted }) => seq !== null && !isDeleted);
	const isOfOwn = does === "edit" || does === "delete";
	const message = choices.one(isOfOwn ? placed.filter(({ isOwn }) => isOwn) : placed);
	if (!message?.seq) return null;
	const { id: messageId, key, seq } = message;
	switch (does) {
		case "read":
			chat.markRead(seq);
			return { deed: { ...asked, does, seq }, key: "" };
		case "delete":
			chat.delete(messageId);
			return { deed: { ...asked, does, messageId }, key };
		case "edit": {
			const content = `edited ${randomUUID()}`;
			chat.edit(messageId, { content });
			return { deed: { ...asked, does, messageId, content }, key };
		}
		default:
			chat[does](messageId, EMOJI);
			return { deed: { ...asked, does, messageId, emoji: EMOJI }, key };
	}
}
