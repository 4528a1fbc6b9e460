/** Which dialog is open: one at a time. */
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

export const show = (name: DialogName): void => openDialog.set(name);
export const close = (): void => openDialog.set(null);
