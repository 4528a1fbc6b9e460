import { useTexts } from "../context.tsx";
import type { ComposerMode } from "../conversation-context.tsx";
import { useMe, useUser } from "../hooks/use-user.ts";
import { CloseIcon, EditIcon, ReplyIcon } from "../icons.tsx";
import { excerpt } from "../message/excerpt.rules.ts";

export interface ComposerBannerProps {
	mode: Exclude<ComposerMode, { kind: "new" }>;
	onCancel: () => void;
}

/** Above the text: what is being answered or edited, and a way out. */
export function ComposerBanner({ mode, onCancel }: ComposerBannerProps) {
	const texts = useTexts();
	const me = useMe();
	const sender = useUser(mode.message.senderId);
	const isEdit = mode.kind === "edit";
	const name = sender && sender.id === me?.id ? texts.message.you : (sender?.displayName ?? "");
	const cancel = isEdit ? texts.composer.cancelEdit : texts.composer.cancelReply;
	return (
		<div className="parley-mode">
			{isEdit ? <EditIcon width={18} height={18} /> : <ReplyIcon width={18} height={18} />}
			<div className="parley-mode-text">
				<span className="parley-mode-title">
					{isEdit ? texts.composer.editing : texts.composer.replying(name)}
				</span>
				<span className="parley-mode-excerpt" dir="auto">
					{excerpt(mode.message, texts)}
				</span>
			</div>
			<button
				type="button"
				className="parley-icon-button"
				aria-label={cancel}
				title={cancel}
				onClick={onCancel}
			>
				<CloseIcon width={18} height={18} />
			</button>
		</div>
	);
}
