import type { Panel } from "@parley/react";

/** What is kept in the history with a place where something stands beside the conversation. */
export interface PanelEntry {
	chatId: string;
	panel: Panel;
	/** It is an entry of its own: going back closes the panel, and closing the panel goes back. */
	isOwn: boolean;
}

/** Reads what a browser kept, maybe of an older version of ours. */
export function panelEntry(kept: unknown): PanelEntry | null {
	if (!isRecord(kept) || typeof kept.chatId !== "string") return null;
	const panel = panelOf(kept.panel);
	return panel && { chatId: kept.chatId, panel, isOwn: kept.isOwn === true };
}

function panelOf(kept: unknown): Panel | null {
	if (!isRecord(kept)) return null;
	const { kind, messageId } = kept;
	if (kind === "thread") return typeof messageId === "string" ? { kind, messageId } : null;
	return kind === "members" || kind === "pins" || kind === "details" ? { kind } : null;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
	typeof value === "object" && value !== null;
