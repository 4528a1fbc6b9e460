import { LIMITS, type UserCard } from "@parley/client";
import { useEffect, useId, useMemo, useRef, useState } from "react";
import { Avatar } from "./avatar.tsx";
import { useClient, useParley, useSlot } from "./context.tsx";
import { useConversation } from "./conversation-context.tsx";
import { FindField } from "./find-field.tsx";
import { useChatState } from "./hooks/use-chat-state.ts";
import { Modal } from "./modal.tsx";
import type { PanelProps } from "./slots.ts";

/** One pauses so long before a search is asked for. */
const PAUSE_MS = 250;
const FOUND_MAX = 20;

/** Finds people and adds them to the conversation's chat. */
export function AddPeopleDialog({ onClose }: PanelProps) {
	const { texts, announce } = useParley();
	const { handle } = useConversation();
	const field = useRef<HTMLInputElement>(null);
	const [wanted, setWanted] = useState("");
	const [chosen, setChosen] = useState<readonly UserCard[]>([]);
	const [progress, setProgress] = useState<"idle" | "busy" | "failed">("idle");
	const found = usePeople(wanted);
	const isFull = chosen.length >= LIMITS.userIdsMax;
	const isChosen = (id: string) => chosen.some(user => user.id === id);
	const toggle = (user: UserCard) =>
		setChosen(users => (isChosen(user.id) ? users.filter(({ id }) => id !== user.id) : [...users, user]));
	const add = async (close: () => void) => {
		setProgress("busy");
		const done = await handle.addMembers(chosen.map(({ id }) => id)).then(
			() => true,
			() => false,
		);
		if (!done) return setProgress("failed");
		announce(texts.people.added(chosen.length));
		close();
	};
	const shown = wanted.trim() === "" ? chosen : (found ?? []);
	const note =
		wanted.trim() === ""
			? chosen.length === 0
				? texts.people.hint
				: ""
			: found
				? ""
				: texts.people.searching;
	return (
		<Modal
			title={texts.people.add}
			onClose={onClose}
			initialFocus={field}
			footer={close => (
				<>
					<span className="parley-dialog-note" role="status">
						{progress === "failed"
							? texts.people.addFailed
							: isFull
								? texts.people.limit(LIMITS.userIdsMax)
								: ""}
					</span>
					<button
						type="button"
						className="parley-button"
						data-look="accent"
						disabled={chosen.length === 0 || progress === "busy"}
						onClick={() => void add(close)}
					>
						{chosen.length === 0 ? texts.people.add : texts.people.addCount(chosen.length)}
					</button>
				</>
			)}
		>
			<FindField
				ref={field}
				value={wanted}
				maxLength={LIMITS.searchMax}
				label={texts.people.search}
				onChange={setWanted}
			/>
			<ul className="parley-choices">
				{shown.map(user => (
					<Choice
						key={user.id}
						user={user}
						isChosen={isChosen(user.id)}
						isFull={isFull}
						onToggle={() => toggle(user)}
					/>
				))}
			</ul>
			{note && <p className="parley-note">{note}</p>}
			{found?.length === 0 && <p className="parley-note">{texts.people.nobody}</p>}
		</Modal>
	);
}

/** Null while it is asked for, and where nothing is. */
function usePeople(wanted: string): readonly UserCard[] | null {
	const client = useClient();
	const search = wanted.trim();
	const [found, setFound] = useState<{ search: string; users: readonly UserCard[] } | null>(null);
	useEffect(() => {
		if (search === "") return;
		let isWanted = true;
		const timer = setTimeout(() => {
			client.rest("GET /users", { search, limit: FOUND_MAX }).then(
				({ items }) => isWanted && setFound({ search, users: items }),
				() => isWanted && setFound({ search, users: [] }),
			);
		}, PAUSE_MS);
		return () => {
			isWanted = false;
			clearTimeout(timer);
		};
	}, [client, search]);
	return search !== "" && found?.search === search ? found.users : null;
}

interface ChoiceProps {
	user: UserCard;
	isChosen: boolean;
	isFull: boolean;
	onToggle: () => void;
}

function Choice({ user, isChosen, isFull, onToggle }: ChoiceProps) {
	const { texts } = useParley();
	const AvatarPart = useSlot("Avatar", Avatar);
	const id = useId();
	const members = useChatState(undefined, state => state.members);
	const isMember = useMemo(
		() => members.some(({ userId, leftAt }) => userId === user.id && leftAt === null),
		[members, user.id],
	);
	return (
		<li>
			<label className="parley-choice" htmlFor={id} data-disabled={isMember || undefined}>
				<AvatarPart id={user.id} name={user.displayName} url={user.avatarUrl} size={36} />
				<span className="parley-member-names">
					<span className="parley-person-name" dir="auto">
						{user.displayName}
					</span>
					<span className="parley-member-about">
						{isMember ? texts.people.isMember : `@${user.username}`}
					</span>
				</span>
				<input
					id={id}
					type="checkbox"
					checked={isChosen || isMember}
					disabled={isMember || (isFull && !isChosen)}
					onChange={onToggle}
				/>
			</label>
		</li>
	);
}
