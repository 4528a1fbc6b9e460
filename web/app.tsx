import { ParleyProvider } from "@parley/react";
import { useEffect } from "react";
import { ChatDetails } from "./details/chat-details.tsx";
import { AppComposer } from "./frame/app-composer.tsx";
import { Frame } from "./frame/frame.tsx";
import { speak, TextsContext, texts } from "./i18n/i18n.ts";
import { ErrorBoundary } from "./parts/error-boundary.tsx";
import { useValue } from "./parts/store.ts";
import { account } from "./session/session.ts";
import { Welcome } from "./session/welcome.tsx";
import { dress, language, useSettings } from "./settings/settings.ts";

const SLOTS = { ChatDetails, Composer: AppComposer };

export function App() {
	const { theme } = useSettings();
	const spoken = language();
	const table = useValue(texts);
	const now = useValue(account);
	useEffect(() => void speak(spoken), [spoken]);
	// biome-ignore lint/correctness/useExhaustiveDependencies: the page is dressed anew with each change of the settings.
	useEffect(dress);
	return (
		<TextsContext value={table}>
			<ErrorBoundary>
				{now.is === "starting" && <div className="app-splash" role="status" aria-label="Parley" />}
				{now.is === "signed-out" && (
					<div className="parley" data-theme={theme === "system" ? undefined : theme}>
						<Welcome hasEnded={now.hasEnded} />
					</div>
				)}
				{now.is === "signed-in" && (
					<ParleyProvider key={now.userId} client={now.client} language={spoken} theme={theme} slots={SLOTS}>
						<Frame client={now.client} />
					</ParleyProvider>
				)}
			</ErrorBoundary>
		</TextsContext>
	);
}
