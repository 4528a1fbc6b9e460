import { type ComponentType, lazy, Suspense } from "react";
import { ErrorBoundary } from "../parts/error-boundary.tsx";
import { useValue } from "../parts/store.ts";
import { close, type DialogName, openDialog } from "./dialogs.ts";

export interface DialogProps {
	onClose(): void;
	/** The chat that is open, if any. */
	chatId: string | null;
}

type Loader = () => Promise<{ default: ComponentType<DialogProps> }>;

const newChat = () => import("./new-chat.tsx");
const chat = () => import("./chat-dialogs.tsx");

/** Each comes when it is first wanted. */
const LOADERS: Record<DialogName, Loader> = {
	switcher: () => import("./switcher.tsx"),
	newDirect: async () => ({ default: (await newChat()).NewDirect }),
	newGroup: async () => ({ default: (await newChat()).NewGroup }),
	newChannel: async () => ({ default: (await newChat()).NewChannel }),
	channels: () => import("./channels.tsx"),
	people: () => import("./people.tsx"),
	profile: () => import("./profile.tsx"),
	settings: () => import("./settings.tsx"),
	shortcuts: () => import("./shortcuts-page.tsx"),
	sessions: () => import("./sessions.tsx"),
	password: () => import("./password.tsx"),
	switchPerson: () => import("./switch-person.tsx"),
	signOut: () => import("./sign-out.tsx"),
	jumpToDate: () => import("./jump-to-date.tsx"),
	leave: async () => ({ default: (await chat()).Leave }),
	deleteChat: async () => ({ default: (await chat()).DeleteChat }),
	editChat: async () => ({ default: (await chat()).EditChat }),
};

const PARTS = Object.fromEntries(Object.entries(LOADERS).map(([name, load]) => [name, lazy(load)])) as {
	[Name in DialogName]?: ComponentType<DialogProps>;
};

export function OpenDialog({ chatId }: { chatId: string | null }) {
	const name = useValue(openDialog);
	const Part = name && PARTS[name];
	if (!Part) return null;
	return (
		<ErrorBoundary key={name}>
			<Suspense>
				<Part onClose={close} chatId={chatId} />
			</Suspense>
		</ErrorBoundary>
	);
}
