import { useEffect, useRef } from "react";
import { Avatar } from "../avatar.tsx";
import { useSlot, useTexts } from "../context.tsx";
import type { Completion } from "./use-mentions.ts";

export interface MentionListProps {
	completion: Completion;
	onPick: (index: number) => void;
}

/** Suggestions above the composer. The focus stays in the text; the active one is told by `aria-activedescendant`. */
export function MentionList({ completion, onPick }: MentionListProps) {
	const texts = useTexts();
	const AvatarPart = useSlot("Avatar", Avatar);
	const list = useRef<HTMLDivElement>(null);
	const { items, active, listId, optionId, setActive } = completion;
	useEffect(() => {
		list.current?.children[active]?.scrollIntoView({ block: "nearest" });
	}, [active]);
	return (
		<div
			ref={list}
			id={listId}
			className="parley-mentions"
			role="listbox"
			aria-label={texts.composer.mentions}
		>
			{items.map((user, index) => (
				// biome-ignore lint/a11y/useKeyWithClickEvents: keys are the text field's.
				// biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the text field.
				<div
					key={user.id}
					id={optionId(index)}
					className="parley-mention-option"
					role="option"
					aria-selected={index === active}
					onPointerMove={() => setActive(index)}
					onPointerDown={event => event.preventDefault()}
					onClick={() => onPick(index)}
				>
					<AvatarPart id={user.id} name={user.displayName} url={user.avatarUrl} size={28} />
					<span className="parley-mention-name" dir="auto">
						{user.displayName}
					</span>
					<span className="parley-mention-username">@{user.username}</span>
				</div>
			))}
		</div>
	);
}
