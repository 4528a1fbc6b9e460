import { Composer, type ComposerProps } from "@parley/react";
import { useSettings } from "../settings/settings.ts";

/** The kit's composer, sending by the key that was chosen. */
export function AppComposer(props: ComposerProps) {
	const { enterSends } = useSettings();
	return <Composer {...props} sendBy={enterSends ? "enter" : "ctrl-enter"} />;
}
