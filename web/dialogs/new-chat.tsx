import type { Client, UserCard } from "@parley/client";
import { useClient } from "@parley/react";
import { useState } from "react";
import { LIMITS } from "../../contracts/limits.ts";
import { useTexts } from "../i18n/i18n.ts";
import { Dialog } from "../parts/dialog.tsx";
import { Area, Field, ProblemNote, Switch } from "../parts/form.tsx";
import { textOf } from "../parts/form-data.ts";
import { Icon, type IconName } from "../parts/icon.tsx";
import { PeoplePicker } from "../parts/people-picker.tsx";
import { useAction } from "../parts/use-action.ts";
import { go } from "../router/router.ts";
import { toChat } from "../router/routes.rules.ts";
import type { DialogProps } from "./open-dialog.tsx";

type Kind = "direct" | "group" | "channel";

export const NewDirect = (props: DialogProps) => <NewChat {...props} first="direct" />;
export const NewGroup = (props: DialogProps) => <NewChat {...props} first="group" />;
export const NewChannel = (props: DialogProps) => <NewChat {...props} first="channel" />;

function NewChat({ onClose, first }: DialogProps & { first: Kind }) {
	const t = useTexts();
	const draft = draftOf(useClient());
	const [kind, setKind] = useState(first === "direct" ? draft.kind : first);
	const kinds: { kind: Kind; icon: IconName; label: string; text: string }[] = [
		{ kind: "direct", icon: "person", label: t.kindDirect, text: t.kindDirectText },
		{ kind: "group", icon: "people", label: t.kindGroup, text: t.kindGroupText },
		{ kind: "channel", icon: "hash", label: t.kindChannel, text: t.kindChannelText },
	];
	return (
		<Dialog title={t.newChat} onClose={onClose}>
			<fieldset className="app-kinds">
				<legend className="app-hidden">{t.newChat}</legend>
				{kinds.map(one => (
					<label key={one.kind}>
						<input
							type="radio"
							name="kind"
							checked={one.kind === kind}
							onChange={() => {
								draft.kind = one.kind;
								setKind(one.kind);
							}}
						/>
						<Icon name={one.icon} />
						<span>{one.label}</span>
						<small>{one.text}</small>
					</label>
				))}
			</fieldset>
			{kind === "direct" ? (
				<DirectForm onClose={onClose} />
			) : (
				<SharedForm key={kind} type={kind} onClose={onClose} />
			)}
		</Dialog>
	);
}

interface Draft {
	kind: Kind;
	name: string;
	description: string;
	people: UserCard[];
	announceOnly: boolean;
}

/** What was begun and not created is there when one comes back; "Cancel" throws it away. */
const drafts = new WeakMap<Client, Draft>();

function draftOf(client: Client): Draft {
	const known = drafts.get(client);
	if (known) return known;
	const fresh: Draft = { kind: "direct", name: "", description: "", people: [], announceOnly: false };
	drafts.set(client, fresh);
	return fresh;
}

function DirectForm({ onClose }: Pick<DialogProps, "onClose">) {
	const t = useTexts();
	const client = useClient();
	const { problem, run } = useAction(async (person: UserCard) => {
		const chat = await client.createChat({ participantIds: [person.id] });
		onClose();
		go(toChat(chat.id));
	});
	return (
		<>
			<PeoplePicker label={t.to} onPick={person => void run(person)} />
			<ProblemNote problem={problem} />
		</>
	);
}

function SharedForm({ type, onClose }: { type: "group" | "channel" } & Pick<DialogProps, "onClose">) {
	const t = useTexts();
	const client = useClient();
	const draft = draftOf(client);
	const [people, setPeople] = useState(draft.people);
	const [announceOnly, setAnnounceOnly] = useState(draft.announceOnly);
	const keep = (change: Partial<Draft>) => Object.assign(draft, { kind: type, ...change });
	// One key for all tries of this form: a try whose answer is lost makes no second chat.
	const [clientId] = useState(() => crypto.randomUUID());
	const { busy, problem, run } = useAction(async (name: string, description: string) => {
		const chat = await client.createChat({
			type,
			name,
			clientId,
			participantIds: people.map(({ id }) => id),
			...(description && { description }),
			...(type === "channel" && announceOnly && { announceOnly }),
		});
		drafts.delete(client);
		onClose();
		go(toChat(chat.id));
	});
	return (
		<form
			className="app-form"
			onInput={event => {
				const data = new FormData(event.currentTarget);
				keep({ name: textOf(data, "name"), description: textOf(data, "description") });
			}}
			onSubmit={event => {
				event.preventDefault();
				const data = new FormData(event.currentTarget);
				void run(textOf(data, "name").trim(), textOf(data, "description").trim());
			}}
		>
			<Field
				label={t.name}
				name="name"
				defaultValue={draft.name}
				hint={type === "channel" ? t.nameHintChannel : undefined}
				maxLength={LIMITS.chatNameMax}
				dir="auto"
				required
				pattern=".*\S.*"
				autoComplete="off"
				error={problem?.fields.name}
			/>
			<Area
				label={t.description}
				name="description"
				defaultValue={draft.description}
				hint={type === "group" ? t.descriptionHintGroup : undefined}
				optional
				dir="auto"
				rows={2}
				maxLength={LIMITS.descriptionMax}
				error={problem?.fields.description}
			/>
			{type === "channel" && (
				<Switch
					label={t.announceOnly}
					text={t.announceOnlyText}
					on={announceOnly}
					onChange={on => {
						keep({ announceOnly: on });
						setAnnounceOnly(on);
					}}
				/>
			)}
			<PeoplePicker
				label={t.peopleIn}
				chosen={people}
				onChange={chosen => {
					keep({ people: chosen });
					setPeople(chosen);
				}}
			/>
			<ProblemNote problem={problem} />
			<div className="app-buttons">
				<button
					type="button"
					className="app-button"
					onClick={() => {
						drafts.delete(client);
						onClose();
					}}
				>
					{t.cancel}
				</button>
				<button type="submit" className="app-button app-button-main" disabled={busy}>
					{busy ? t.creating : t.create}
				</button>
			</div>
		</form>
	);
}
