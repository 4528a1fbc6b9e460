import { Menu } from "@base-ui/react/menu";
import type { Member, Role } from "@parley/client";
import { useState } from "react";
import { Avatar } from "./avatar.tsx";
import { useParley, useSlot } from "./context.tsx";
import { useConversation } from "./conversation-context.tsx";
import { useFormat } from "./hooks/use-format.ts";
import { usePresence } from "./hooks/use-presence.ts";
import { useMe } from "./hooks/use-user.ts";
import { ChatIcon, LeaveIcon, MoreIcon, MutedIcon, ShieldIcon } from "./icons.tsx";
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
	const presence = usePresence(member.userId);
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
					{user.displayName}
					{user.id === me?.id && <span className="parley-member-you"> ({texts.members.you})</span>}
				</span>
				<span className="parley-member-about">{presence?.text ?? `@${user.username}`}</span>
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

function MemberMenu({
	member,
	standing,
	onChange,
	onWrite,
	isSilenced,
}: MemberRowProps & { isSilenced: boolean }) {
	const { texts, portal, locale } = useParley();
	const { handle } = useConversation();
	const [asks, setAsks] = useState<"remove" | "hand-over" | null>(null);
	const { userId, user } = member;
	const can = rightsOver(member, standing);
	const give = (role: Role) => onChange(handle.updateMember(userId, { role }));
	const silence = (hours: number | null) =>
		onChange(
			handle.updateMember(userId, {
				silencedUntil: hours === null ? null : new Date(Date.now() + hours * HOUR_MS).toISOString(),
			}),
		);
	if (!can.any && !onWrite) return null;
	return (
		<Menu.Root modal={false}>
			<Menu.Trigger
				className="parley-icon-button"
				aria-label={texts.members.actions(user.displayName)}
				title={texts.members.actions(user.displayName)}
			>
				<MoreIcon width={18} height={18} />
			</Menu.Trigger>
			<Menu.Portal container={portal}>
				<Menu.Positioner align="end" sideOffset={4} collisionPadding={8} className="parley-positioner">
					<Menu.Popup className="parley-menu">
						{onWrite && (
							<Menu.Item className="parley-menu-item" onClick={() => onWrite(userId)}>
								<ChatIcon width={18} height={18} />
								{texts.members.message}
							</Menu.Item>
						)}
						{can.give
							.filter(role => role !== member.role)
							.map(role => (
								<Menu.Item
									key={role}
									className="parley-menu-item"
									onClick={() => (role === "owner" ? setAsks("hand-over") : give(role))}
								>
									<ShieldIcon width={18} height={18} />
									{texts.members.makeRole(texts.members.roles[role])}
								</Menu.Item>
							))}
						{can.silence && isSilenced && (
							<Menu.Item className="parley-menu-item" onClick={() => silence(null)}>
								<MutedIcon width={18} height={18} />
								{texts.members.unsilence}
							</Menu.Item>
						)}
						{can.silence &&
							!isSilenced &&
							SILENCE_HOURS.map(hours => (
								<Menu.Item key={hours} className="parley-menu-item" onClick={() => silence(hours)}>
									<MutedIcon width={18} height={18} />
									{texts.people.silenceFor(duration(hours, locale))}
								</Menu.Item>
							))}
						{can.remove && (
							<Menu.Item className="parley-menu-item" data-danger onClick={() => setAsks("remove")}>
								<LeaveIcon width={18} height={18} />
								{texts.members.remove}
							</Menu.Item>
						)}
					</Menu.Popup>
				</Menu.Positioner>
			</Menu.Portal>
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
					onConfirm={() => give("owner")}
					onClose={() => setAsks(null)}
				/>
			)}
		</Menu.Root>
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
