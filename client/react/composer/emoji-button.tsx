import { Popover } from "@base-ui/react/popover";
import { useState } from "react";
import { useParley, useSlot } from "../context.tsx";
import { EmojiIcon } from "../icons.tsx";
import type { EmojiPickerProps } from "../slots.ts";
import { EmojiPicker } from "./emoji-picker.tsx";

/** Opens the emoji picker above the composer. */
export function EmojiButton({ onPick }: EmojiPickerProps) {
	const { texts, portal } = useParley();
	const [isOpen, setOpen] = useState(false);
	const [hasPicked, setPicked] = useState(false);
	const Picker = useSlot("EmojiPicker", EmojiPicker);
	return (
		<Popover.Root
			open={isOpen}
			onOpenChange={next => {
				if (next) setPicked(false);
				setOpen(next);
			}}
		>
			<Popover.Trigger
				className="parley-icon-button parley-composer-emoji"
				aria-label={texts.composer.emoji}
				title={texts.composer.emoji}
			>
				<EmojiIcon />
			</Popover.Trigger>
			<Popover.Portal container={portal}>
				<Popover.Positioner
					side="top"
					align="start"
					sideOffset={8}
					collisionPadding={8}
					className="parley-positioner"
				>
					{/* What was picked stands in the text, which takes the focus. */}
					<Popover.Popup className="parley-popover" aria-label={texts.emoji.title} finalFocus={!hasPicked}>
						<Picker
							onPick={emoji => {
								setPicked(true);
								setOpen(false);
								onPick(emoji);
							}}
						/>
					</Popover.Popup>
				</Popover.Positioner>
			</Popover.Portal>
		</Popover.Root>
	);
}
