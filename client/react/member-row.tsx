import { Menu } from "@base-ui/react/menu";
import type { Member, Role } from "@parley/client";
import { type ReactNode, useState } from "react";
import { Avatar } from "./avatar.tsx";
import { useParley, useSlot } from "./context.tsx";
import { useConversation } from "./conversation-context.tsx";
import { useChatState } from "./hooks/use-chat-state.ts";
import { useFormat } from "./hooks/use-format.ts";
import { usePresence } from "./hooks/use-presence.ts";
import { useMe } from "./hooks/use-user.ts";
import { BellIcon, ChatIcon, LeaveIcon, MoreIcon, MutedIcon, ShieldIcon } from "./icons.tsx";
import { givableRoles, may, outranks, type Standing } from "./message/rights.ts";
import { ConfirmDialog } from "./modal.tsx";

/** For how long somebody may be silenced, in hours. */
const SILENCE_HOURS = [1, 8, 24, 24 * 7] as const;
const HOUR_MS = 3_600_000;

export interface MemberRowProps {
	member: Member;
	standing: Standing | null;
	/** Follows a change that was asked for. */
	onChange: (change: Promise<unknown>) => void;
	onPerson?: ((userId: string) => void) | undefined;
	onWrite?: ((userId: string) => void) | undefined;
}

export function MemberRow(props: MemberRowProps) {
	const { member, onPerson } = props;
	const { texts } = useParley();
	const format = useFormat();
	const me = useMe();
	const isTold = useChatState(undefined, ({ chat }) => chat?.capabilities.presence ?? false);
	const presence = usePresence(isTold ? member.userId : null);
	const AvatarPart = useSlot("Avatar", Avatar);
	const { user } = member;
	const isSilenced = isLater(member.silencedUntil);
	const face = (
		<>
			<AvatarPart
				id={user.id}
				name={user.displayName}
				url={user.avatarUrl}
				size={36}
				status={presence?.status ?? null}
			/>
			<span className="parley-member-names">
				<span className="parley-person-name">
					<bdi>{user.displayName}</bdi>
					{user.id === me?.id && <span className="parley-member-you"> ({texts.members.you})</span>}
				</span>
				<span className="parley-member-about" dir="auto">
					{presence?.text ?? `@${user.username}`}
				</span>
			</span>
		</>
	);
	return (
		<div className="parley-member">
			{onPerson ? (
				<button type="button" className="parley-member-face" onClick={() => onPerson(user.id)}>
					{face}
				</button>
			) : (
				<span className="parley-member-face">{face}</span>
			)}
			{isSilenced && member.silencedUntil && (
				<span
					className="parley-member-silenced"
					role="img"
					aria-label={texts.members.silenced}
					title={texts.people.silencedUntil(format.relative(member.silencedUntil))}
				>
					<MutedIcon width={16} height={16} />
				</span>
			)}
			{member.role !== "member" && (
				<span className="parley-role" data-role={member.role}>
					{texts.members.roles[member.role]}
				</span>
			)}
			{user.id !== me?.id && <MemberMenu {...props} isSilenced={isSilenced} />}
		</div>
	);
}

const isLater = (time: string | null) => time !== null && Date.parse(time) > Date.now();

type Question = "remove" | "hand-over";

function MemberMenu(props: MemberRowProps & { isSilenced: boolean }) {
	const { member, standing, onChange, onWrite } = props;
	const { texts, portal } = useParley();
	const { handle } = useConversation();
	const [asks, setAsks] = useState<Question | null>(null);
	const { userId, user } = member;
	const label = texts.members.actions(user.displayName);
	if (!rightsOver(member, standing).any && !onWrite) return null;
	return (
		<>
			<Menu.Root modal={false}>
				<Menu.Trigger className="parley-icon-button" aria-label={label} title={label}>
					<MoreIcon width={18} height={18} />
				</Menu.Trigger>
				<Menu.Portal container={portal}>
					<Menu.Positioner align="end" sideOffset={4} collisionPadding={8} className="parley-positioner">
						<Menu.Popup className="parley-menu">
							<MemberActions {...props} onAsk={setAsks} />
						</Menu.Popup>
					</Menu.Positioner>
				</Menu.Portal>
			</Menu.Root>
			{asks === "remove" && (
				<ConfirmDialog
					title={texts.members.removeTitle(user.displayName)}
					text={texts.people.removeText}
					action={texts.members.remove}
					onConfirm={() => onChange(handle.removeMember(userId))}
					onClose={() => setAsks(null)}
				/>
			)}
			{asks === "hand-over" && (
				<ConfirmDialog
					title={texts.people.makeOwnerTitle(user.displayName)}
					text={texts.people.makeOwnerText}
					action={texts.members.makeRole(texts.members.roles.owner)}
					isDangerous={false}
					onConfirm={() => onChange(handle.updateMember(userId, { role: "owner" }))}
					onClose={() => setAsks(null)}
				/>
			)}
		</>
	);
}

interface MemberActionsProps extends MemberRowProps {
	isSilenced: boolean;
	onAsk: (question: Question) => void;
}

function MemberActions({ member, standing, isSilenced, onChange, onWrite, onAsk }: MemberActionsProps) {
	const { texts, locale } = useParley();
	const { handle } = useConversation();
	const { userId } = member;
	const can = rightsOver(member, standing);
	const give = (role: Role) =>
		role === "owner" ? onAsk("hand-over") : onChange(handle.updateMember(userId, { role }));
	const silence = (hours: number | null) => {
		const until = hours === null ? null : new Date(Date.now() + hours * HOUR_MS).toISOString();
		onChange(handle.updateMember(userId, { silencedUntil: until }));
	};
	return (
		<>
			{onWrite && (
				<Action icon={ChatIcon} onClick={() => onWrite(userId)}>
					{texts.members.message}
				</Action>
			)}
			{can.give
				.filter(role => role !== member.role)
				.map(role => (
					<Action key={role} icon={ShieldIcon} onClick={() => give(role)}>
						{texts.members.makeRole(texts.members.roles[role])}
					</Action>
				))}
			{can.silence && isSilenced && (
				<Action icon={BellIcon} onClick={() => silence(null)}>
					{texts.members.unsilence}
				</Action>
			)}
			{can.silence &&
				!isSilenced &&
				SILENCE_HOURS.map(hours => (
					<Action key={hours} icon={MutedIcon} onClick={() => silence(hours)}>
						{texts.people.silenceFor(duration(hours, locale))}
					</Action>
				))}
			{can.remove && (
				<Action icon={LeaveIcon} isDangerous onClick={() => onAsk("remove")}>
					{texts.members.remove}
				</Action>
			)}
		</>
	);
}

interface ActionProps {
	icon: typeof ChatIcon;
	isDangerous?: boolean;
	onClick: () => void;
	children: ReactNode;
}

function Action({ icon: Drawn, isDangerous, onClick, children }: ActionProps) {
	return (
		<Menu.Item className="parley-menu-item" data-danger={isDangerous || undefined} onClick={onClick}>
			<Drawn width={18} height={18} />
			{children}
		</Menu.Item>
	);
}

/** What one may do about somebody else. */
function rightsOver(member: Member, standing: Standing | null) {
	const now = new Date().toISOString();
	const isAbove =
		standing !== null &&
		standing.role !== null &&
		standing.chatType !== "thread" &&
		outranks(standing.role, member.role);
	const give = isAbove ? givableRoles(standing, member.role, now) : [];
	const silence = isAbove && may("silence", standing, now);
	const remove = isAbove && may("removeMember", standing, now);
	return { give, silence, remove, any: give.length > 0 || silence || remove };
}

/** As "8 hours" and "7 days". */
function duration(hours: number, locale: string): string {
	const [value, unit] = hours < 24 ? [hours, "hour"] : [hours / 24, "day"];
	return new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "long" }).format(value);
}
