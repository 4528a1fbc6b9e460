/** Which dialog is open, one at a time, and whose card. */
import { createStore } from "../parts/store.ts";

export type DialogName =
	| "switcher"
	| "newDirect"
	| "newGroup"
	| "newChannel"
	| "channels"
	| "people"
	| "profile"
	| "settings"
	| "shortcuts"
	| "sessions"
	| "password"
	| "switchPerson"
	| "signOut"
	| "jumpToDate"
	| "leave"
	| "deleteChat"
	| "editChat";

export const openDialog = createStore<DialogName | null>(null);
/** Whose card is shown. */
export const person = createStore<string | null>(null);

export const show = (name: DialogName): void => openDialog.set(name);
export const close = (): void => openDialog.set(null);
