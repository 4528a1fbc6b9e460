import { type DialogName, show } from "../dialogs/dialogs.ts";
import { useTexts } from "../i18n/i18n.ts";
import { Icon, type IconName } from "../parts/icon.tsx";
import { keyNames } from "../shortcuts/shortcuts.rules.ts";
import { isMac } from "../shortcuts/use-shortcuts.ts";
import { AccountMenu } from "./account-menu.tsx";

/** Above the list of chats: oneself, and what leads to other people. */
export function ListHeader() {
	const t = useTexts();
	return (
		<header className="app-bar">
			<AccountMenu />
			<h1 className="app-bar-title">Parley</h1>
			<BarButton dialog="switcher" icon="search" label={t.quickSwitcher} keys="Mod+K" />
			<BarButton dialog="people" icon="people" label={t.findPeople} keys="P" />
			<BarButton dialog="channels" icon="hash" label={t.browseChannels} keys="B" />
			<BarButton dialog="newDirect" icon="plus" label={t.newChat} keys="N" />
		</header>
	);
}

function BarButton({
	dialog,
	icon,
	label,
	keys,
}: {
	dialog: DialogName;
	icon: IconName;
	label: string;
	keys: string;
}) {
	return (
		<button
			type="button"
			className="app-icon-button"
			data-opens={dialog}
			aria-label={label}
			title={`${label} (${keyNames(keys, isMac).join(" ")})`}
			onClick={() => show(dialog)}
		>
			<Icon name={icon} />
		</button>
	);
}
