import type { Member } from "@parley/client";
import { Fragment, useMemo, useState } from "react";
import { Virtualizer } from "virtua";
import { AddPeopleDialog } from "./add-people-dialog.tsx";
import { useClient, useParley, useSlot } from "./context.tsx";
import { useConversation } from "./conversation-context.tsx";
import { FindField } from "./find-field.tsx";
import { useChatState } from "./hooks/use-chat-state.ts";
import { useMembers } from "./hooks/use-members.ts";
import { AddPersonIcon } from "./icons.tsx";
import { MemberRow } from "./member-row.tsx";
import { may, ROLES } from "./message/rights.ts";
import { useStanding } from "./message/use-standing.ts";
import { matches } from "./names.rules.ts";
import { PanelFrame } from "./panel-frame.tsx";
import type { MemberListProps } from "./slots.ts";

/** Above so many a field to find somebody is shown. */
const SEARCHED_FROM = 8;

/** Who is in the conversation's chat, with what one may do about them. */
export function MemberList({ onClose, onPerson }: MemberListProps) {
	const { texts } = useParley();
	const client = useClient();
	const { chatId, openPerson, openChat } = useConversation();
	const Frame = useSlot("PanelFrame", PanelFrame);
	const standing = useStanding();
	const [isAdding, setAdding] = useState(false);
	const [hasFailed, setFailed] = useState(false);
	const isThread = useChatState(undefined, ({ chat }) => chat?.type === "thread");
	const mayAdd = standing !== null && !isThread && may("addMembers", standing, new Date().toISOString());
	const attempt = async (change: Promise<unknown>) => {
		setFailed(false);
		await change.catch(() => setFailed(true));
	};
	const write = async (userId: string) => {
		const chat = await client.createChat({ participantIds: [userId] });
		openChat?.(chat.id);
	};
	return (
		<Frame
			title={texts.members.title}
			onClose={onClose}
			actions={
				mayAdd && (
					<button
						type="button"
						className="parley-icon-button"
						aria-label={texts.people.add}
						title={texts.people.add}
						onClick={() => setAdding(true)}
					>
						<AddPersonIcon />
					</button>
				)
			}
		>
			{hasFailed && (
				<p className="parley-note" data-danger role="alert">
					{texts.members.changeFailed}
				</p>
			)}
			<People
				key={chatId}
				row={member => (
					<MemberRow
						member={member}
						standing={standing}
						onChange={attempt}
						onPerson={onPerson ?? openPerson}
						onWrite={openChat && (userId => void attempt(write(userId)))}
					/>
				)}
			/>
			{isAdding && <AddPeopleDialog onClose={() => setAdding(false)} />}
		</Frame>
	);
}

function People({ row }: { row: (member: Member) => React.ReactElement }) {
	const { texts } = useParley();
	const { members, isComplete, hasMore, isLoading, hasFailed, load } = useMembers();
	const [wanted, setWanted] = useState("");
	const shown = useMemo(() => inOrder(members).filter(member => isMeant(member, wanted)), [members, wanted]);
	return (
		<div className="parley-members">
			{(members.length > SEARCHED_FROM || !isComplete) && (
				<FindField value={wanted} label={texts.members.search} onChange={setWanted} />
			)}
			{shown.length > 0 && (
				<div className="parley-members-list">
					<Virtualizer as="ul" item="li" data={shown}>
						{member => <Fragment key={member.userId}>{row(member)}</Fragment>}
					</Virtualizer>
				</div>
			)}
			{shown.length === 0 && isComplete && <p className="parley-note">{texts.members.noMatch}</p>}
			{isLoading && <p className="parley-note">{texts.members.loading}</p>}
			{hasFailed && (
				<p className="parley-note" role="alert">
					{texts.members.failed}
				</p>
			)}
			{!isComplete && !hasMore && members.length > 0 && (
				<p className="parley-note">{texts.members.firstOnly}</p>
			)}
			{hasMore && !isLoading && (
				<button type="button" className="parley-button parley-members-more" onClick={() => void load()}>
					{hasFailed ? texts.messages.tryAgain : texts.members.loadMore}
				</button>
			)}
		</div>
	);
}

/** Who may do most stands first, then by name. */
function inOrder(members: readonly Member[]): Member[] {
	return members
		.filter(({ leftAt }) => leftAt === null)
		.sort(
			(a, b) =>
				ROLES.indexOf(b.role) - ROLES.indexOf(a.role) || a.user.displayName.localeCompare(b.user.displayName),
		);
}

const isMeant = ({ user }: Member, wanted: string) =>
	matches(user.displayName, wanted) || matches(user.username, wanted);
