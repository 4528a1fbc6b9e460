import { Menu } from "@base-ui/react/menu";
import { useClient, useParley, usePresence } from "@parley/react";
import { type DialogName, show } from "../dialogs/dialogs.ts";
import { useTexts } from "../i18n/i18n.ts";
import { Face } from "../parts/face.tsx";
import { Icon, type IconName } from "../parts/icon.tsx";
import { useValue } from "../parts/store.ts";
import { useDemoPeople } from "../session/demo.ts";

interface Entry {
	dialog: DialogName;
	icon: IconName;
	label: string;
}

/** One's own face, and behind it all that is about oneself and this browser. */
export function AccountMenu() {
	const t = useTexts();
	const client = useClient();
	const { portal } = useParley();
	const me = useValue(client.me);
	const presence = usePresence(me?.id);
	const hasDemo = useDemoPeople().length > 0;
	const groups: Entry[][] = [
		[
			{ dialog: "profile", icon: "person", label: t.profile },
			{ dialog: "settings", icon: "settings", label: t.settings },
			{ dialog: "shortcuts", icon: "keyboard", label: t.shortcuts },
		],
		[
			{ dialog: "sessions", icon: "devices", label: t.sessions },
			{ dialog: "password", icon: "key", label: t.changePassword },
		],
		[
			...(hasDemo ? [{ dialog: "switchPerson", icon: "swap", label: t.switchPerson } as const] : []),
			{ dialog: "signOut", icon: "out", label: t.signOut },
		],
	];
	const name = me?.displayName ?? "";
	return (
		<Menu.Root>
			<Menu.Trigger className="app-account" aria-label={`${t.account}: ${name}`} title={name}>
				<Face
					id={me?.id ?? ""}
					name={name}
					url={me?.avatarUrl ?? null}
					size={34}
					status={presence?.status ?? null}
				/>
			</Menu.Trigger>
			<Menu.Portal container={portal}>
				<Menu.Positioner sideOffset={6} align="start">
					<Menu.Popup className="app-menu">
						<div className="app-menu-me">
							<strong dir="auto">{name}</strong>
							<span className="app-row-sub">@{me?.username}</span>
							{presence?.text && (
								<span className="app-row-sub" dir="auto">
									{presence.text}
								</span>
							)}
						</div>
						{groups.map(group => (
							<Menu.Group key={group[0]?.dialog} className="app-menu-group">
								{group.map(({ dialog, icon, label }) => (
									<Menu.Item key={dialog} className="app-menu-item" onClick={() => show(dialog)}>
										<Icon name={icon} size={18} />
										{label}
									</Menu.Item>
								))}
							</Menu.Group>
						))}
					</Menu.Popup>
				</Menu.Positioner>
			</Menu.Portal>
		</Menu.Root>
	);
}
