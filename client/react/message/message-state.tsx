import { createContext, type RefObject, useContext } from "react";

/** What stands open on a message: while something does, its controls stay. */
export type Open = "menu" | "picker" | "delete" | null;

/** What `Message` shares with the parts inside. */
export interface MessageState {
	open: Open;
	setOpen: (open: Open) => void;
	/** It was opened by a long press: what opens stands at the bubble. */
	isTouched: boolean;
	bubble: RefObject<HTMLElement | null>;
	/** The row that the list focuses. */
	row: () => HTMLElement | null;
}

const MessageContext = createContext<MessageState>({
	open: null,
	setOpen: () => undefined,
	isTouched: false,
	bubble: { current: null },
	row: () => null,
});

export const MessageStateProvider = MessageContext;

export const useMessageState = (): MessageState => useContext(MessageContext);
