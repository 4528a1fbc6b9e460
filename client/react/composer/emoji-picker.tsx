import { type ComponentType, lazy, Suspense, useEffect, useMemo, useState } from "react";
import { useTexts } from "../context.tsx";
import type { EmojiPickerProps } from "../slots.ts";

export interface StandardEmojiPickerProps extends EmojiPickerProps {
	/** Where `<language>/data.json` and `messages.json` of emojibase-data are served, of the same origin. */
	dataUrl?: string;
}

export interface EmojiGridProps extends StandardEmojiPickerProps {
	/** The data could not be read. */
	onFailed(): void;
}

/** Shows all emoji. Its code and its data come when it is opened for the first time. */
export function EmojiPicker({ onPick, dataUrl = "/emoji" }: StandardEmojiPickerProps) {
	const { emoji, messages } = useTexts();
	const [attempt, setAttempt] = useState({ id: 0, hasFailed: false });
	const Grid = useMemo(() => (attempt.id === 0 ? First : gridOf()), [attempt.id]);
	return (
		<div className="parley-emoji">
			{attempt.hasFailed ? (
				<div className="parley-emoji-note" role="alert">
					<p>{emoji.failed}</p>
					<button
						type="button"
						className="parley-button"
						onClick={() => setAttempt(({ id }) => ({ id: id + 1, hasFailed: false }))}
					>
						{messages.tryAgain}
					</button>
				</div>
			) : (
				<Suspense fallback={<p className="parley-emoji-note">{emoji.loading}</p>}>
					<Grid
						onPick={onPick}
						dataUrl={dataUrl}
						onFailed={() => setAttempt(({ id }) => ({ id, hasFailed: true }))}
					/>
				</Suspense>
			)}
		</div>
	);
}

/** One that could not be loaded says so as one whose data could not. */
function gridOf() {
	return lazy<ComponentType<EmojiGridProps>>(() =>
		import("./emoji-grid.tsx").catch(() => ({ default: Missing })),
	);
}

const First = gridOf();

function Missing({ onFailed }: EmojiGridProps) {
	useEffect(() => onFailed(), [onFailed]);
	return null;
}
