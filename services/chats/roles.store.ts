/** What others change about a member: the role, and until when they are silent. */
import type { Member, Role, updateMember } from "../../contracts/chats.ts";
import type { Params } from "../../contracts/contract.ts";
import type { Database, Query } from "../../lib/database.ts";
import { conflict, forbidden, notFound } from "../../lib/errors.ts";
import type { Change, ChatLog } from "../../lib/log/change.ts";
import { may } from "../../lib/rights.ts";
import type { Access } from "../../models/access.ts";
import { type MemberRow, readMembers, toMember } from "../../models/member.ts";
import {
	assertMayGive,
	assertOutranks,
	assertRolesCount,
	editedMember,
	type MemberState,
	sameMember,
} from "./chats.rules.ts";
import { memberFor } from "./members.store.ts";
import { changeChat } from "./seen.store.ts";

/** An edit that changes nothing takes no revision, and tells nobody. */
export function editMember(
	log: ChatLog,
	actorId: string,
	{ chatId, userId, role, silencedUntil }: Params<typeof updateMember>,
): Promise<Member> {
	const { db } = log;
	const right = role ? "changeRole" : "silence";
	return changeChat(log, { right, chatId, userId: actorId }, async (change, access) => {
		if (role) assertRolesCount(access);
		// Whoever may change roles may silence too, today; the table decides, not this line.
		if (silencedUntil !== undefined && !may("silence", access, change.now))
			throw forbidden("You may not silence members here.");
		const row = await presentMember(change.query, db, chatId, userId);
		assertOutranks(access, await roleOf(change.query, db, access, row));
		if (role) assertMayGive(access, role);
		const before = { role: row.role, silencedUntil: row.silenced_until };
		const after = editedMember(before, { role, silencedUntil }, change.now);
		if (sameMember(before, after)) return memberFor(actorId, row);
		if (before.role === "owner" && after.role !== "owner") await assertNotLastOwner(change, db, row);
		return memberFor(actorId, await writeMember(change, db, { row, after, actorId }));
	});
}

/** @throws NOT_FOUND where the user is not in the chat now */
export async function presentMember(
	query: Query,
	db: Database,
	chatId: string,
	userId: string,
): Promise<MemberRow> {
	const [row] = await readMembers(query, db.t, chatId, [userId]);
	if (!row || row.left_at) throw notFound("member");
	return row;
}

/** The role that counts: in a thread it is the one in its parent. */
export async function roleOf(query: Query, db: Database, access: Access, row: MemberRow): Promise<Role> {
	if (access.parentChatId === null) return row.role;
	const [above] = await readMembers(query, db.t, access.parentChatId, [row.user_id]);
	return above && !above.left_at ? above.role : "member";
}

/** @throws CONFLICT where a group or channel would be left without an owner */
export async function assertNotLastOwner(change: Change, { t }: Database, row: MemberRow): Promise<void> {
	const others = await change.query(
		`SELECT 1 FROM ${t.members} WHERE chat_id = $1 AND role = 'owner' AND left_at IS NULL AND user_id <> $2 LIMIT 1`,
		[row.chat_id, row.user_id],
		"other-owners",
	);
	if (others.length === 0) throw conflict("The last owner hands the chat over first, or deletes it.");
}

interface Edit {
	row: MemberRow;
	after: MemberState;
	actorId: string;
}

async function writeMember(
	change: Change,
	{ t }: Database,
	{ row, after, actorId }: Edit,
): Promise<MemberRow> {
	const { chat_id: chatId, user_id: userId } = row;
	const rev = change.nextRev(chatId);
	change.head(chatId).epoch++;
	await change.query(
		`UPDATE ${t.members} SET role = $3, silenced_until = $4, rev = $5, tx = pg_current_xact_id()
		 WHERE chat_id = $1 AND user_id = $2`,
		[chatId, userId, after.role, after.silencedUntil, rev],
		"write-member",
	);
	const [written] = await readMembers(change.query, t, chatId, [userId]);
	if (!written) throw notFound("member");
	const data = { chatId, rev, member: toMember(written) };
	change.tell({ change: "member.updated", chatId, rev, actorId, data });
	return written;
}
