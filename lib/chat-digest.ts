/**
 * Which chats someone is in, in a few bytes: how many, and the last 48 bits of their ids, which are random, joined by
 * exclusive or. Whoever holds the ids makes it, and PostgreSQL the same of what it holds.
 */

const HEX_DIGITS = 12;

/** Empty for who is in none. */
export function digestOf(chatIds: readonly string[]): string {
	if (chatIds.length === 0) return "";
	const sum = chatIds.reduce((sum, id) => sum ^ BigInt(`0x${id.slice(-HEX_DIGITS)}`), 0n);
	return `${chatIds.length} ${sum}`;
}

/** The SQL of it for a group of rows. @param chatId the column that names each row's chat */
export const digestSql = (chatId: string): string =>
	`count(*) || ' ' || bit_xor(('x' || right(${chatId}::text, ${HEX_DIGITS}))::bit(${HEX_DIGITS * 4})::bigint)`;
