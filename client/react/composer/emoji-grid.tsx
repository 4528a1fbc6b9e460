import {
	type EmojiData,
	type EmojiDataResolver,
	type EmojiPickerListCategoryHeaderProps,
	type EmojiPickerListEmojiProps,
	type EmojiPickerListRowProps,
	EmojiPicker as Parts,
	defaultEmojiDataResolver as read,
} from "frimousse";
import type { AriaAttributes } from "react";
import { useParley } from "../context.tsx";
import type { EmojiGridProps } from "./emoji-picker.tsx";
import { byName } from "./emoji-rank.rules.ts";

const COLUMNS = 8;

/** Languages of the kit that emojibase does not know are searched in English. */
const UNKNOWN = new Set(["ar"]);

const NO_DATA: EmojiData = {
	locale: "en",
	emojis: [],
	categories: [],
	skinTones: { light: "", "medium-light": "", medium: "", "medium-dark": "", dark: "" },
};

export default function EmojiGrid({ onPick, dataUrl, onFailed }: EmojiGridProps) {
	const { language, texts } = useParley();
	const resolve: EmojiDataResolver = async (locale, options) => {
		try {
			const data = await read(locale, options);
			return { ...data, emojis: byName(data.emojis) };
		} catch {
			// One that was closed meanwhile has not failed.
			if (!options.signal?.aborted) onFailed();
			return NO_DATA;
		}
	};
	return (
		<Parts.Root
			className="parley-emoji-root"
			columns={COLUMNS}
			emojibaseUrl={dataUrl}
			resolveEmojiData={resolve}
			locale={UNKNOWN.has(language) ? "en" : language}
			onEmojiSelect={({ emoji }) => onPick(emoji)}
		>
			<div className="parley-emoji-top">
				<Parts.Search
					autoFocus
					className="parley-emoji-search"
					placeholder={texts.emoji.search}
					aria-label={texts.emoji.search}
				/>
				<Parts.SkinToneSelector className="parley-emoji-tone" aria-label={texts.emoji.skinTone} />
			</div>
			<Parts.Viewport className="parley-emoji-viewport">
				<Parts.Loading className="parley-emoji-note">{texts.emoji.loading}</Parts.Loading>
				<Parts.Empty>
					<span className="parley-emoji-note">{texts.emoji.empty}</span>
				</Parts.Empty>
				<Parts.List className="parley-emoji-list" components={{ CategoryHeader, Row, Emoji }} />
			</Parts.Viewport>
		</Parts.Root>
	);
}

function CategoryHeader({ category, ...props }: EmojiPickerListCategoryHeaderProps) {
	return (
		<div {...props} className="parley-emoji-category">
			{category.label}
		</div>
	);
}

function Row(props: EmojiPickerListRowProps) {
	return <div {...props} {...fromOne(props, "aria-rowindex")} className="parley-emoji-row" />;
}

function Emoji({ emoji, ...props }: EmojiPickerListEmojiProps) {
	return (
		<button
			type="button"
			{...props}
			{...fromOne(props, "aria-colindex")}
			className="parley-emoji-one"
			data-active={emoji.isActive || undefined}
		>
			{emoji.emoji}
		</button>
	);
}

/** The picker counts rows and columns from 0; ARIA from 1. */
function fromOne(props: AriaAttributes, name: "aria-rowindex" | "aria-colindex"): AriaAttributes {
	const index = props[name];
	return index === undefined ? {} : { [name]: index + 1 };
}
