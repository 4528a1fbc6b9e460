import type { EmptyStateProps } from "./slots.ts";

/** What stands where there is nothing: says why, and what one can do. */
export function EmptyState({ icon, title, text, action }: EmptyStateProps) {
	return (
		<div className="parley-empty">
			{icon && <div className="parley-empty-icon">{icon}</div>}
			<p className="parley-empty-title">{title}</p>
			{text && <p className="parley-empty-text">{text}</p>}
			{action && <div className="parley-empty-action">{action}</div>}
		</div>
	);
}
