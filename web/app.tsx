import { lazy, Suspense, useEffect } from "react";
import { speak, TextsContext, texts } from "./i18n/i18n.ts";
import { ErrorBoundary } from "./parts/error-boundary.tsx";
import { useValue } from "./parts/store.ts";
import { account } from "./session/session.ts";
import { Welcome } from "./session/welcome.tsx";
import { dress, language, useSettings } from "./settings/settings.ts";

const loadHome = () => import("./home.tsx");
/** Most of the app; who only comes to sign in sees the page before it is there. */
const Home = lazy(loadHome);

export function App() {
	const { theme } = useSettings();
	const spoken = language();
	const table = useValue(texts);
	const now = useValue(account);
	const isOut = now.is === "signed-out";
	useEffect(() => void speak(spoken), [spoken]);
	// With each change of the settings.
	useEffect(dress);
	// While somebody types their name, the rest is fetched.
	useEffect(() => {
		if (isOut) void loadHome().catch(() => undefined);
	}, [isOut]);
	return (
		<TextsContext value={table}>
			<ErrorBoundary>
				{now.is === "starting" && <Splash />}
				{now.is === "signed-out" && (
					<div className="parley" data-theme={theme === "system" ? undefined : theme}>
						<Welcome hasEnded={now.hasEnded} />
					</div>
				)}
				{now.is === "signed-in" && (
					<Suspense fallback={<Splash />}>
						<Home key={now.userId} client={now.client} />
					</Suspense>
				)}
			</ErrorBoundary>
		</TextsContext>
	);
}

const Splash = () => <div className="app-splash" role="status" aria-label="Parley" />;
