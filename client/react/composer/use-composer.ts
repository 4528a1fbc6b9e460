import { LIMITS } from "@parley/client";
import { type RefObject, useEffect, useRef, useState } from "react";
import { type ComposerMode, useConversation } from "../conversation-context.tsx";
import { useChatState } from "../hooks/use-chat-state.ts";
import type { ComposerProps } from "../slots.ts";
import { isSendable } from "./composer.rules.ts";
import { mentionedIn } from "./mentions.rules.ts";
import { useComposerText } from "./use-composer-text.ts";
import { type Completion, useMentionable, useMentions } from "./use-mentions.ts";

export interface ComposerModel {
	field: RefObject<HTMLTextAreaElement | null>;
	mode: ComposerMode;
	/** What is sent goes to `onSend`, not to the chat itself. */
	isDetached: boolean;
	isThread: boolean;
	text: string;
	/** UTF-16 units until the limit; below 0 beyond it. */
	left: number;
	canSend: boolean;
	hasFailed: boolean;
	completion: Completion;
	/** What was typed, and where the caret is. */
	write: (text: string, caret: number) => void;
	setCaret: (caret: number) => void;
	/** Puts a piece at the caret. */
	insert: (piece: string) => void;
	/** Fills in the suggestion at an index. */
	complete: (index: number) => void;
	send: () => Promise<void>;
	cancel: () => void;
	onFocus: () => void;
	onBlur: () => void;
}

export function useComposer(onSend: ComposerProps["onSend"]): ComposerModel {
	const { handle, mode, setMode } = useConversation();
	const field = useRef<HTMLTextAreaElement>(null);
	const { text, setText, clear } = useComposerText(mode, onSend === undefined);
	const [caret, setCaret] = useState(0);
	const [isTouched, setTouched] = useState(false);
	const [progress, setProgress] = useState<"idle" | "busy" | "failed">("idle");
	const { isThread, parentId } = useChatState(undefined, ({ chat }) => ({
		isThread: chat?.type === "thread",
		parentId: chat?.parentChatId ?? undefined,
	}));
	const users = useMentionable(parentId, isTouched);
	const completion = useMentions(text, caret, users);
	const isDetached = onSend !== undefined;
	const tells = !isDetached && mode.kind !== "edit";
	useFocusOnMode(field, mode);

	const write = (next: string, at: number) => {
		setText(next);
		setCaret(at);
		setProgress("idle");
		if (tells) handle.typing(next.trim() !== "");
	};
	const put = (next: { text: string; caret: number }) => {
		write(next.text, next.caret);
		placeCaret(field, next.caret);
	};
	const canSend = isSendable(text, LIMITS.contentUnitsMax) && progress !== "busy";

	/** Whether it was taken. */
	const deliver = async (mentions: string[]): Promise<boolean> => {
		if (mode.kind === "edit") {
			const { message } = mode;
			if (text !== message.content) handle.edit(message.id, { content: text, mentions });
			return true;
		}
		if (onSend) {
			setProgress("busy");
			const taken = await Promise.resolve(onSend(text, mentions)).then(
				() => true,
				() => false,
			);
			setProgress(taken ? "idle" : "failed");
			return taken;
		}
		handle.typing(false);
		handle.send({
			content: text,
			...(mentions.length > 0 && { mentions }),
			...(mode.kind === "reply" && { replyToId: mode.message.id }),
		});
		return true;
	};

	/** The client refuses at once what it cannot keep, as when too much waits to be sent. */
	const tryToDeliver = async (mentions: string[]): Promise<boolean> => {
		try {
			return await deliver(mentions);
		} catch {
			setProgress("failed");
			return false;
		}
	};

	return {
		field,
		mode,
		isDetached,
		isThread: isThread || isDetached,
		text,
		left: LIMITS.contentUnitsMax - text.length,
		canSend,
		hasFailed: progress === "failed",
		completion,
		write,
		setCaret,
		insert: piece => {
			const from = field.current?.selectionStart ?? text.length;
			const to = field.current?.selectionEnd ?? from;
			put({ text: text.slice(0, from) + piece + text.slice(to), caret: from + piece.length });
		},
		complete: index => {
			const next = completion.pick(index);
			if (next) put(next);
		},
		send: async () => {
			if (!canSend || !(await tryToDeliver(mentionedIn(text, users, LIMITS.mentionsMax)))) return;
			if (mode.kind !== "edit") clear();
			if (mode.kind !== "new") setMode({ kind: "new" });
			field.current?.focus();
		},
		cancel: () => setMode({ kind: "new" }),
		onFocus: () => setTouched(true),
		onBlur: () => tells && handle.typing(false),
	};
}

/** Who answers or edits wants to write now, at the end of what is there. */
function useFocusOnMode(field: RefObject<HTMLTextAreaElement | null>, mode: ComposerMode) {
	const key = mode.kind === "new" ? null : `${mode.kind} ${mode.message.key}`;
	useEffect(() => {
		const { current } = field;
		if (key === null || !current) return;
		// After the menu that began it has closed, and the words are in.
		const frame = requestAnimationFrame(() => {
			current.focus();
			current.setSelectionRange(current.value.length, current.value.length);
		});
		return () => cancelAnimationFrame(frame);
	}, [field, key]);
}

function placeCaret(field: RefObject<HTMLTextAreaElement | null>, caret: number) {
	requestAnimationFrame(() => {
		field.current?.focus();
		field.current?.setSelectionRange(caret, caret);
	});
}
