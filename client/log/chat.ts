import type { ChatHandle } from "../api.ts";

/** SKELETON. One chat: made by `Chats.get`. */
export interface Chat extends ChatHandle {
	close(): void;
}
