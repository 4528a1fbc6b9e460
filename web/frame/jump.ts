/** A wish to go to a place in a chat, from anywhere in the app; the open conversation takes it. */
import type { JumpTarget } from "@parley/client";
import { createStore } from "../parts/store.ts";

export const jump = createStore<{ chatId: string; target: JumpTarget } | null>(null);
