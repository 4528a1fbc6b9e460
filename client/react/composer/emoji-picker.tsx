import { lazy, Suspense } from "react";
import { useTexts } from "../context.tsx";
import type { EmojiPickerProps } from "../slots.ts";

/** Its code and its data come when it is opened for the first time. */
const Grid = lazy(() => import("./emoji-grid.tsx"));

export interface StandardEmojiPickerProps extends EmojiPickerProps {
	/** Where `<language>/data.json` and `messages.json` of emojibase-data are served, of the same origin. */
	dataUrl?: string;
}

export function EmojiPicker({ onPick, dataUrl = "/emoji" }: StandardEmojiPickerProps) {
	const { emoji } = useTexts();
	return (
		<div className="parley-emoji">
			<Suspense fallback={<p className="parley-emoji-note">{emoji.loading}</p>}>
				<Grid onPick={onPick} dataUrl={dataUrl} />
			</Suspense>
		</div>
	);
}
