import { useParley } from "../context.tsx";

/** Copies a text and tells that it did. */
export function useCopy(): (text: string) => void {
	const { texts, announce } = useParley();
	return text => {
		void copyText(text).then(isDone => isDone && announce(texts.actions.copied));
	};
}

/** Whether it was copied. Over plain http browsers offer no clipboard but that of a selection. */
async function copyText(text: string): Promise<boolean> {
	const clipboard = navigator.clipboard as Clipboard | undefined;
	if (!clipboard) return copySelected(text);
	return clipboard.writeText(text).then(
		() => true,
		() => copySelected(text),
	);
}

function copySelected(text: string): boolean {
	const before = document.activeElement;
	const field = document.createElement("textarea");
	field.value = text;
	field.readOnly = true;
	field.style.position = "fixed";
	field.style.opacity = "0";
	document.body.append(field);
	field.select();
	const isDone = document.execCommand("copy");
	field.remove();
	if (before instanceof HTMLElement) before.focus({ preventScroll: true });
	return isDone;
}
