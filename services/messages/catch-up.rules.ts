import { LIMITS } from "../../contracts/limits.ts";

/** Who is further behind, or ahead of what there is, starts anew from the newest page. */
export const mustReset = (since: number, rev: number): boolean =>
	since > rev || rev - since > LIMITS.changesBehindMax;

interface Revised {
	rev: number;
}

/**
 * The first `limit` of what changed, messages and members counted together in order of `rev`.
 * @param all each list in order of `rev`, with at least one more than `limit` where there are more
 * @param rev the chat's
 */
export function cut<A extends Revised, B extends Revised>(
	all: { messages: A[]; members: B[] },
	limit: number,
	rev: number,
): { messages: A[]; members: B[]; rev: number; hasMore: boolean } {
	const revs = [...all.messages, ...all.members].map(item => item.rev).sort((a, b) => a - b);
	if (revs.length <= limit) return { ...all, rev, hasMore: false };
	const last = revs[limit - 1] ?? rev;
	return {
		messages: all.messages.filter(item => item.rev <= last),
		members: all.members.filter(item => item.rev <= last),
		rev: last,
		hasMore: true,
	};
}
