import type { Client } from "@parley/client";
import { ParleyProvider } from "@parley/react";
import { ChatDetails } from "./details/chat-details.tsx";
import { AppComposer } from "./frame/app-composer.tsx";
import { Frame } from "./frame/frame.tsx";
import { Face } from "./parts/face.tsx";
import { language, useSettings } from "./settings/settings.ts";

const SLOTS = { Avatar: Face, ChatDetails, Composer: AppComposer };

/** All that one needs who is signed in. */
export default function Home({ client }: { client: Client }) {
	const { theme } = useSettings();
	return (
		<ParleyProvider client={client} language={language()} theme={theme} slots={SLOTS}>
			<Frame client={client} />
		</ParleyProvider>
	);
}
