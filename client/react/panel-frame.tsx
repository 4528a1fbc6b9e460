import { useId } from "react";
import { useTexts } from "./context.tsx";
import { CloseIcon } from "./icons.tsx";
import type { PanelFrameProps } from "./slots.ts";

export function PanelFrame({ title, icon, onClose, actions, children }: PanelFrameProps) {
	const texts = useTexts();
	const id = useId();
	return (
		<section className="parley-panel" aria-labelledby={id}>
			<header className="parley-topbar">
				{icon && <span className="parley-panel-icon">{icon}</span>}
				<h2 className="parley-panel-title" id={id} dir="auto">
					{title}
				</h2>
				{actions}
				{onClose && (
					<button
						type="button"
						className="parley-icon-button"
						aria-label={texts.actions.close}
						title={texts.actions.close}
						onClick={onClose}
					>
						<CloseIcon />
					</button>
				)}
			</header>
			<div className="parley-panel-body">{children}</div>
		</section>
	);
}
