import type { Message } from "@parley/client";
import type { Texts } from "../i18n/en.ts";
import { plainText } from "./markup.rules.ts";

const UNITS_MAX = 200;

/** What a message says in one line: where it stands beside, above or below something else. */
export function excerpt(
	message: Pick<Message, "content" | "isDeleted" | "type">,
	texts: Pick<Texts, "message">,
): string {
	if (message.isDeleted || message.content === null) return texts.message.deleted;
	const text = plainText(message.content.slice(0, UNITS_MAX)).replace(/\s+/g, " ").trim();
	return text.replace(/[\ud800-\udbff]$/, "");
}
