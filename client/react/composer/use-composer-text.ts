import { useEffect, useRef, useState } from "react";
import { useLatest } from "../context.tsx";
import type { ComposerMode } from "../conversation-context.tsx";
import { useDraft } from "../hooks/use-draft.ts";

/** A draft is kept when one pauses, not at each letter. */
const SAVE_MS = 400;

/**
 * What stands in the composer. What is new is the chat's draft, unless `isKept` is false; while a message is edited it
 * is that message's words, and the draft waits.
 */
export function useComposerText(mode: ComposerMode, isKept: boolean) {
	const [draft, setDraft] = useDraft();
	const [fresh, setFresh] = useState(isKept ? draft : "");
	const [edited, setEdited] = useState("");
	const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
	const saved = useRef(draft);

	// It comes from storage after the first look, and from other tabs; what is being written here goes before it.
	useEffect(() => {
		if (!isKept || draft === saved.current) return;
		const before = saved.current;
		saved.current = draft;
		setFresh(now => (now === before ? draft : now));
	}, [draft, isKept]);

	const save = useLatest((text: string) => {
		clearTimeout(timer.current);
		timer.current = undefined;
		if (!isKept || text === saved.current) return;
		saved.current = text;
		setDraft(text);
	});
	const latest = useRef(fresh);
	useEffect(() => {
		latest.current = fresh;
	}, [fresh]);
	useEffect(
		() => () => {
			if (timer.current !== undefined) save(latest.current);
		},
		[save],
	);

	const editedId = mode.kind === "edit" ? mode.message.key : null;
	const words = mode.kind === "edit" ? mode.words : undefined;
	const original = mode.kind === "edit" ? (mode.words ?? mode.message.content ?? "") : "";
	// biome-ignore lint/correctness/useExhaustiveDependencies: only when another message is edited, not when it changes.
	useEffect(() => setEdited(original), [editedId, words]);

	return {
		text: editedId === null ? fresh : edited,
		setText: (text: string) => {
			if (editedId !== null) return setEdited(text);
			setFresh(text);
			clearTimeout(timer.current);
			timer.current = setTimeout(() => save(text), SAVE_MS);
		},
		/** After sending. */
		clear: () => {
			setFresh("");
			save("");
		},
	};
}
