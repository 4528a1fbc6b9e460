import { useEffect } from "react";
import { useParley } from "../context.tsx";
import { useConversation } from "../conversation-context.tsx";
import { CheckIcon, SendIcon } from "../icons.tsx";
import type { ComposerProps } from "../slots.ts";
import { COUNTED_FROM, type SendBy } from "./composer.rules.ts";
import { ComposerBanner } from "./composer-banner.tsx";
import { onComposerKey } from "./composer-keys.ts";
import { EmojiButton } from "./emoji-button.tsx";
import { Hindered, useHindrance } from "./hindered.tsx";
import { MentionList } from "./mention-list.tsx";
import { type ComposerModel, useComposer } from "./use-composer.ts";

export interface StandardComposerProps extends ComposerProps {
	/** Enter where it is missing; on a keyboard of the screen's, Enter begins a line and the button sends. */
	sendBy?: SendBy;
}

/** Where one writes; or why one may not. */
export function Composer(props: StandardComposerProps) {
	const { chatId, mode } = useConversation();
	const hindrance = useHindrance(props.onSend !== undefined);
	if (hindrance && mode.kind !== "edit") return <Hindered hindrance={hindrance} />;
	return <Writing key={chatId} {...props} />;
}

function Writing({ placeholder, autoFocus, onSend, sendBy = "enter" }: StandardComposerProps) {
	const composer = useComposer(onSend);
	const { completion, mode } = composer;
	const isUnkept = (composer.isDetached && composer.text !== "") || mode.kind === "edit";
	return (
		<div className="parley-composer" data-unkept={isUnkept || undefined}>
			{completion.items.length > 0 && <MentionList completion={completion} onPick={composer.complete} />}
			{mode.kind !== "new" && <ComposerBanner mode={mode} onCancel={composer.cancel} />}
			<div className="parley-composer-row">
				<EmojiButton onPick={composer.insert} />
				<Field composer={composer} placeholder={placeholder} autoFocus={autoFocus} sendBy={sendBy} />
				<SendButton composer={composer} />
			</div>
			<Notes composer={composer} />
		</div>
	);
}

interface FieldProps extends Pick<StandardComposerProps, "placeholder" | "autoFocus"> {
	composer: ComposerModel;
	sendBy: SendBy;
}

function Field({ composer, placeholder, autoFocus, sendBy }: FieldProps) {
	const { texts, announce } = useParley();
	const conversation = useConversation();
	const { completion, mode, isThread, field } = composer;
	const count = completion.items.length;
	const standard = isThread ? texts.composer.placeholderThread : texts.composer.placeholder;
	useEffect(() => {
		if (autoFocus) field.current?.focus({ preventScroll: true });
	}, [autoFocus, field]);
	useEffect(() => {
		if (count > 0) announce(texts.composer.mentions);
	}, [count, announce, texts]);
	// The text stands behind as well: as high as it is, so high is the field. Measuring would move the messages.
	return (
		<div className="parley-grow" data-text={composer.text}>
			<textarea
				ref={field}
				className="parley-composer-text"
				rows={1}
				dir="auto"
				value={composer.text}
				placeholder={mode.kind === "reply" ? texts.composer.placeholderReply : (placeholder ?? standard)}
				aria-label={texts.composer.label}
				aria-autocomplete="list"
				aria-controls={count > 0 ? completion.listId : undefined}
				aria-activedescendant={count > 0 ? completion.optionId(completion.active) : undefined}
				aria-invalid={composer.left < 0 || undefined}
				enterKeyHint="enter"
				onFocus={composer.onFocus}
				onBlur={composer.onBlur}
				onChange={event => composer.write(event.target.value, event.target.selectionStart)}
				onSelect={event => composer.setCaret(event.currentTarget.selectionStart)}
				onKeyDown={event => onComposerKey(event, composer, sendBy, conversation)}
			/>
		</div>
	);
}

function SendButton({ composer }: { composer: ComposerModel }) {
	const { texts } = useParley();
	const isEdit = composer.mode.kind === "edit";
	const label = isEdit ? texts.composer.save : texts.composer.send;
	return (
		<button
			type="button"
			className="parley-send"
			aria-label={label}
			title={label}
			disabled={!composer.canSend}
			// The text keeps the focus, and a screen's keyboard stays.
			onPointerDown={event => event.preventDefault()}
			onClick={() => void composer.send()}
		>
			{isEdit ? <CheckIcon /> : <SendIcon />}
		</button>
	);
}

function Notes({ composer: { left, hasFailed } }: { composer: ComposerModel }) {
	const { texts } = useParley();
	return (
		<>
			{left < COUNTED_FROM && (
				<p className="parley-composer-note" data-danger={left < 0 || undefined}>
					{left < 0 ? texts.composer.tooLong(-left) : texts.composer.left(left)}
				</p>
			)}
			{hasFailed && (
				<p className="parley-composer-note" data-danger role="alert">
					{texts.composer.sendFailed}
				</p>
			)}
		</>
	);
}
