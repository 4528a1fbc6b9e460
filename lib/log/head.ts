import { bigints, integers, uuids } from "../sql-arrays.ts";

/** A chat's head as it stands inside the transaction: raise it, the commit writes it. */
export interface Head {
	chatId: string;
	lastSeq: number;
	rev: number;
	/** Raised with every change of members or rights, so that caches of them notice. */
	epoch: number;
	memberCount: number;
	/** Null keeps the time of the last activity. */
	lastAt: string | null;
}

/** Its columns as arrays: chats, last seqs, revisions, epochs, members. */
export const headColumns = (heads: readonly Head[]) => [
	uuids(heads.map(head => head.chatId)),
	bigints(heads.map(head => head.lastSeq)),
	bigints(heads.map(head => head.rev)),
	bigints(heads.map(head => head.epoch)),
	integers(heads.map(head => head.memberCount)),
];
