import { useState } from "react";
import { LANGUAGE_NAMES, useTexts } from "../i18n/i18n.ts";
import { canNotify, switchNotifications } from "../notices/notifications.ts";
import { Dialog } from "../parts/dialog.tsx";
import { Choice, Select, Switch } from "../parts/form.tsx";
import { LANGUAGES } from "../settings/settings.rules.ts";
import { change, useSettings } from "../settings/settings.ts";
import type { DialogProps } from "./open-dialog.tsx";

/** What one chooses for this browser; each change holds at once. */
export default function SettingsDialog({ onClose }: DialogProps) {
	const t = useTexts();
	const settings = useSettings();
	return (
		<Dialog title={t.settings} onClose={onClose} form="small">
			<section className="app-form">
				<h3>{t.appearance}</h3>
				<Choice
					label={t.theme}
					value={settings.theme}
					onChange={theme => change({ theme })}
					choices={[
						{ value: "system", label: t.themeSystem },
						{ value: "light", label: t.themeLight },
						{ value: "dark", label: t.themeDark },
					]}
				/>
				<Choice
					label={t.textSize}
					value={settings.textSize}
					onChange={textSize => change({ textSize })}
					choices={[
						{ value: "small", label: t.textSmall },
						{ value: "normal", label: t.textNormal },
						{ value: "large", label: t.textLarge },
					]}
				/>
				<Select
					label={t.language}
					value={settings.language ?? ""}
					onChange={chosen => change({ language: chosen || null })}
					choices={[
						{ value: "", label: t.languageBrowser },
						...LANGUAGES.map(value => ({ value, label: LANGUAGE_NAMES[value] })),
					]}
				/>
				<h3>{t.writing}</h3>
				<Switch
					label={t.enterSends}
					text={t.enterSendsText}
					on={settings.enterSends}
					onChange={enterSends => change({ enterSends })}
				/>
				<Switch
					label={t.letterKeys}
					text={t.letterKeysText}
					on={settings.letterKeys}
					onChange={letterKeys => change({ letterKeys })}
				/>
				<h3>{t.notifications}</h3>
				<NotificationSwitch />
			</section>
		</Dialog>
	);
}

function NotificationSwitch() {
	const t = useTexts();
	const { notifications } = useSettings();
	const [isRefused, setRefused] = useState(false);
	const isOn = notifications && canNotify() && Notification.permission === "granted";
	return (
		<>
			<Switch
				label={t.notify}
				text={canNotify() ? t.notifyText : t.notifyUnknown}
				on={isOn}
				disabled={!canNotify()}
				onChange={async on => setRefused(on && !(await switchNotifications(on)))}
			/>
			<div role="alert">{isRefused && <p className="app-problem">{t.notifyRefused}</p>}</div>
		</>
	);
}
