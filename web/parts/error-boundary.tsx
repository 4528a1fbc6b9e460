import { Component, type ReactNode } from "react";
import { texts } from "../i18n/i18n.ts";

/** A fault while drawing shows a plain page in place of nothing. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { error: unknown }> {
	override state: { error: unknown } = { error: null };

	static getDerivedStateFromError(error: unknown) {
		return { error };
	}

	override render() {
		if (this.state.error === null) return this.props.children;
		const t = texts.get();
		return (
			<main className="app-crash" role="alert">
				<img src="/icons/logo.svg" alt="" width="56" height="56" />
				<h1>{t.crashTitle}</h1>
				<p>{t.crashText}</p>
				<button type="button" className="app-button app-button-main" onClick={() => location.reload()}>
					{t.reload}
				</button>
			</main>
		);
	}
}
