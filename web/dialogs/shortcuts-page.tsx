import { Fragment } from "react";
import type { PlainText } from "../i18n/en.ts";
import { useTexts } from "../i18n/i18n.ts";
import { Dialog } from "../parts/dialog.tsx";
import { keyNames, SHORTCUTS, type Shortcut, type ShortcutId } from "../shortcuts/shortcuts.rules.ts";
import { isMac } from "../shortcuts/use-shortcuts.ts";
import type { DialogProps } from "./open-dialog.tsx";

const GROUPS: Record<Shortcut["group"], PlainText> = {
	move: "groupMove",
	do: "groupDo",
	write: "groupWrite",
};
const NAMES: Record<ShortcutId, PlainText> = {
	switcher: "keySwitcher",
	previousChat: "keyPreviousChat",
	nextChat: "keyNextChat",
	nextUnread: "keyNextUnread",
	jumpToDate: "keyJumpToDate",
	close: "keyClose",
	newChat: "keyNewChat",
	channels: "keyChannels",
	people: "keyPeople",
	details: "keyDetails",
	profile: "keyProfile",
	settings: "keySettings",
	readAll: "keyReadAll",
	help: "keyHelp",
	write: "keyWrite",
	send: "keySend",
	newLine: "keyNewLine",
	editLast: "keyEditLast",
};

/** The table of shortcuts, as it is handled. */
export default function ShortcutsPage({ onClose }: DialogProps) {
	const t = useTexts();
	return (
		<Dialog title={t.shortcuts} onClose={onClose} isText>
			<div className="app-keys">
				{(Object.keys(GROUPS) as Shortcut["group"][]).map(group => (
					<section key={group}>
						<h3>{t[GROUPS[group]]}</h3>
						<dl>
							{SHORTCUTS.filter(shortcut => shortcut.group === group).map(({ id, keys }) => (
								<div key={id}>
									<dt>{t[NAMES[id]]}</dt>
									<dd>
										<Keys keys={keys} />
									</dd>
								</div>
							))}
						</dl>
					</section>
				))}
			</div>
		</Dialog>
	);
}

function Keys({ keys }: { keys: readonly string[] }) {
	const t = useTexts();
	return keys.map((combination, i) => (
		<Fragment key={combination}>
			{i > 0 && ` ${t.keyOr} `}
			{keyNames(combination, isMac).map(name => (
				<kbd key={name}>{name}</kbd>
			))}
		</Fragment>
	));
}
