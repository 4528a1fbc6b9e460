import type { ChatHandle, ChatState } from "@parley/client";
import { useClient } from "@parley/react";
import { useState } from "react";
import { LIMITS } from "../../contracts/limits.ts";
import { useTexts } from "../i18n/i18n.ts";
import { Confirm } from "../parts/confirm.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { Area, Field, ProblemNote, Switch } from "../parts/form.tsx";
import { textOf } from "../parts/form-data.ts";
import { useValue } from "../parts/store.ts";
import { useAction } from "../parts/use-action.ts";
import { go } from "../router/router.ts";
import { HOME } from "../router/routes.rules.ts";
import type { DialogProps } from "./open-dialog.tsx";

type Open = { handle: ChatHandle; chat: NonNullable<ChatState["chat"]> };

/** The chat that is open, as a dialog about it needs it. */
function useOpenChat(chatId: string | null): Open | null {
	const client = useClient();
	const handle = client.chat(chatId ?? "");
	const { chat } = useValue(handle.state);
	return chatId && chat ? { handle, chat } : null;
}

export function Leave({ onClose, chatId }: DialogProps) {
	const open = useOpenChat(chatId);
	return open && <LeaveChat {...open} onClose={onClose} />;
}

function LeaveChat({ handle, chat, onClose }: Open & { onClose(): void }) {
	const t = useTexts();
	const action = useAction(() => handle.leave(), { CONFLICT: t.lastOwner });
	const done = () => {
		onClose();
		go(HOME, "replace");
	};
	return (
		<Confirm
			title={t.leaveTitle(chat.name ?? "…")}
			verb={t.leave}
			action={action}
			onDone={done}
			onClose={onClose}
		>
			<p>{chat.type === "channel" ? t.leaveChannelText : t.leaveGroupText}</p>
		</Confirm>
	);
}

export function DeleteChat({ onClose, chatId }: DialogProps) {
	const open = useOpenChat(chatId);
	return open && <RemoveChat {...open} onClose={onClose} />;
}

function RemoveChat({ handle, chat, onClose }: Open & { onClose(): void }) {
	const t = useTexts();
	const action = useAction(() => handle.remove());
	const done = () => {
		onClose();
		go(HOME, "replace");
	};
	return (
		<Confirm
			title={t.deleteTitle(chat.name ?? "…")}
			verb={t.deleteChat}
			action={action}
			onDone={done}
			onClose={onClose}
		>
			<p>{t.deleteText}</p>
		</Confirm>
	);
}

export function EditChat({ onClose, chatId }: DialogProps) {
	const open = useOpenChat(chatId);
	return open && <ChangeChat {...open} onClose={onClose} />;
}

function ChangeChat({ handle, chat, onClose }: Open & { onClose(): void }) {
	const t = useTexts();
	const [announceOnly, setAnnounceOnly] = useState(chat.announceOnly);
	const { busy, problem, run } = useAction(async (data: FormData) => {
		await handle.update({
			name: textOf(data, "name").trim(),
			description: textOf(data, "description").trim() || null,
			...(chat.type === "channel" && { announceOnly }),
		});
		onClose();
	});
	return (
		<Dialog title={t.edit} onClose={onClose} form="small">
			<form
				className="app-form"
				onSubmit={event => {
					event.preventDefault();
					void run(new FormData(event.currentTarget));
				}}
			>
				<Field
					label={t.name}
					name="name"
					defaultValue={chat.name ?? ""}
					dir="auto"
					maxLength={LIMITS.chatNameMax}
					required
					pattern=".*\S.*"
					autoComplete="off"
					error={problem?.fields.name}
				/>
				<Area
					label={t.description}
					name="description"
					optional
					defaultValue={chat.description ?? ""}
					dir="auto"
					maxLength={LIMITS.descriptionMax}
					error={problem?.fields.description}
				/>
				{chat.type === "channel" && (
					<Switch
						label={t.announceOnly}
						text={t.announceOnlyText}
						on={announceOnly}
						onChange={setAnnounceOnly}
					/>
				)}
				<ProblemNote problem={problem} />
				<div className="app-buttons">
					<button type="button" className="app-button" onClick={onClose}>
						{t.cancel}
					</button>
					<button type="submit" className="app-button app-button-main" disabled={busy}>
						{busy ? t.saving : t.save}
					</button>
				</div>
			</form>
		</Dialog>
	);
}
