import type { Client, ShownMessage } from "@parley/client";
import { ParleyProvider } from "@parley/react";
import { ChatDetails } from "./details/chat-details.tsx";
import { AppComposer } from "./frame/app-composer.tsx";
import { Frame } from "./frame/frame.tsx";
import { Face } from "./parts/face.tsx";
import { pathOf, toChat } from "./router/routes.rules.ts";
import { language, useSettings } from "./settings/settings.ts";

const SLOTS = { Avatar: Face, ChatDetails, Composer: AppComposer };

const linkTo = ({ chatId, id }: ShownMessage): string => location.origin + pathOf(toChat(chatId, id));

/** All that one needs who is signed in. */
export default function Home({ client }: { client: Client }) {
	const { theme } = useSettings();
	return (
		<ParleyProvider client={client} language={language()} theme={theme} slots={SLOTS} linkTo={linkTo}>
			<Frame client={client} />
		</ParleyProvider>
	);
}
