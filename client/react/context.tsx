import { DirectionProvider } from "@base-ui/react/direction-provider";
import type { Client, ShownMessage } from "@parley/client";
import {
	createContext,
	type ReactNode,
	useCallback,
	useContext,
	useEffect,
	useInsertionEffect,
	useMemo,
	useState,
} from "react";
import { Announcer, useAnnouncements } from "./announcer.tsx";
import type { Texts } from "./i18n/en.ts";
import { directionOf, type Language } from "./i18n/languages.ts";
import { type TextsOverride, useLoadedTexts } from "./i18n/use-texts.ts";
import type { Slots } from "./slots.ts";

export type Theme = "light" | "dark" | "system";

export interface Parley {
	client: Client;
	language: Language;
	/** For Intl: the language with the browser's region, as `en-GB`. */
	locale: string;
	direction: "ltr" | "rtl";
	texts: Texts;
	slots: Partial<Slots>;
	/** Where menus and dialogs are put, so that theme, direction and layer are the kit's own. */
	portal: HTMLElement | null;
	/** Where a message is found, as an address to hand on; missing where the product has none. */
	linkTo?: (message: ShownMessage) => string;
	/** Says something to screen readers when they have a moment. */
	announce: (text: string) => void;
}

const ParleyContext = createContext<Parley | null>(null);

export interface ParleyProviderProps {
	/** Is connected as soon as this is shown; disconnecting and signing out are the application's. */
	client: Client;
	/** Of the texts, as `de` or `pt-BR`; the browser's where it is missing. */
	language?: string;
	/** `system` where it is missing. */
	theme?: Theme;
	/** Parts in place of the kit's own. */
	slots?: Partial<Slots>;
	/** Words in place of the kit's own. */
	texts?: TextsOverride;
	/** The address of a message: with it, people can copy one. Keep it the same function. */
	linkTo?: (message: ShownMessage) => string;
	children: ReactNode;
}

/** Gives all parts and hooks below it their client, language, theme and slots. */
export function ParleyProvider(props: ParleyProviderProps) {
	const {
		client,
		language: wanted,
		theme = "system",
		slots = NO_SLOTS,
		texts: own,
		linkTo,
		children,
	} = props;
	const loaded = useLoadedTexts(wanted, own);
	const [portal, setPortal] = useState<HTMLElement | null>(null);
	const { announce, said } = useAnnouncements();

	useEffect(() => client.connect(), [client]);

	const value = useMemo(() => {
		if (!loaded) return null;
		return { client, ...loaded, direction: directionOf(loaded.language), slots, portal, linkTo, announce };
	}, [client, loaded, slots, portal, linkTo, announce]);
	if (!value) return null;

	return (
		<ParleyContext value={value}>
			<DirectionProvider direction={value.direction}>
				<div
					className="parley"
					data-theme={theme === "system" ? undefined : theme}
					lang={value.language}
					dir={value.direction}
				>
					{children}
					<div ref={setPortal} className="parley-portal" />
					<Announcer text={said} />
				</div>
			</DirectionProvider>
		</ParleyContext>
	);
}

const NO_SLOTS: Partial<Slots> = {};

/** @throws outside a `ParleyProvider` */
export function useParley(): Parley {
	const parley = useContext(ParleyContext);
	if (!parley) throw new Error("This belongs inside a <ParleyProvider>.");
	return parley;
}

export function useClient(): Client {
	return useParley().client;
}

export function useTexts(): Texts {
	return useParley().texts;
}

/** The part that is to be shown: the product's own, else `standard`. */
export function useSlot<Name extends keyof Slots>(name: Name, standard: Slots[Name]): Slots[Name] {
	return useParley().slots[name] ?? standard;
}

/** A function that stays the same and always calls the newest `run`: for listeners. */
export function useLatest<Args extends unknown[], Result>(run: (...args: Args) => Result) {
	const [box] = useState(() => ({ run }));
	// Before all other effects, which may call it.
	useInsertionEffect(() => {
		box.run = run;
	});
	return useCallback((...args: Args) => box.run(...args), [box]);
}
