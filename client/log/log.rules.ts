/** A chat's log and the window of it that is shown: what events, pages and catching up make of them. Pure. */
import type { Capabilities, Chat, Member } from "../../contracts/chats.ts";
import type { Changes, Message } from "../../contracts/messages.ts";

/** How many messages are held in memory. */
export const WINDOW_MAX = 600;
/** How many members are; whoever joins a larger chat is fetched by page where somebody looks. */
const MEMBERS_MAX = 2_000;

/** A durable change that an event told. */
export type Change = { rev: number } & (
	| { message: Message }
	| { chat: Chat }
	| { member: Member; count: -1 | 0 | 1; capabilities?: Capabilities | undefined }
);

export interface Log {
	/** The revision up to which everything is applied. */
	cursor: number;
	chat: Chat;
	self: Member | null;
	/** By join. */
	members: readonly Member[];
	membersComplete: boolean;
	/** The place of the first message in the window; `chat.lastSeq + 1` where it is empty. */
	from: number;
	/** Without a hole. */
	messages: readonly Message[];
}

/** All that one catching up gave. */
export type Gathered = Pick<Changes, "rev" | "messages" | "members" | "chat" | "self">;

/** The place of the window's last message. */
export const lastOf = (log: Log): number => log.from + log.messages.length - 1;
/** Whether the window reaches the end of the log, so that new messages go on it. */
export const isAttached = (log: Log): boolean => lastOf(log) >= log.chat.lastSeq;
/** Whether there are members to be fetched, and room for them. */
export const lacksMembers = ({ members, membersComplete }: Log): boolean =>
	!membersComplete && members.length < MEMBERS_MAX;

export const inOrder = (messages: readonly Message[]): Message[] =>
	[...messages].sort((a, b) => a.seq - b.seq);

/** Messages in order, up to their end, or from their start on: up to the first hole, which only a faulty server leaves. */
function whole(messages: readonly Message[], fromStart = false): Message[] {
	const all = inOrder(messages);
	const first = fromStart ? all[0]?.seq : (all.at(-1)?.seq ?? 0) - all.length + 1;
	return all.filter(({ seq }, index) => seq - index === first);
}

/** A log that begins with the newest page. */
export function begin(page: Gathered, me: string): Log {
	const { rev, chat, self } = page;
	const messages = whole(page.messages);
	const from = messages[0]?.seq ?? chat.lastSeq + 1;
	const log = { cursor: rev, chat, self, members: [], membersComplete: false, from, messages };
	return withMembers(log, page.members, me);
}

/** The same message, heard twice: the higher revision counts, and of what has none that which only grows. */
export function newer(held: Message | undefined, other: Message): Message {
	if (!held) return other;
	const best = other.rev >= held.rev ? other : held;
	const thread = (held.thread?.count ?? -1) > (other.thread?.count ?? -1) ? held.thread : other.thread;
	const status = held.status === "READ" || other.status === "SENT" ? held.status : other.status;
	if (best.thread === thread && best.status === status) return best;
	return { ...best, thread, status };
}

/** The change with the revision after the cursor. */
export function apply(log: Log, change: Change, me: string): Log {
	const next = { ...log, cursor: change.rev, chat: { ...log.chat, rev: change.rev } };
	if ("message" in change) return withMessages(next, [change.message], me);
	if ("chat" in change) {
		const { lastMessage, lastSeq } = log.chat;
		next.chat = { ...change.chat, lastSeq, lastMessage: change.chat.lastMessage ?? lastMessage };
		return next;
	}
	const grown = withMembers(next, [change.member], me);
	const memberCount = grown.membersComplete ? grown.members.length : log.chat.memberCount + change.count;
	const { capabilities = grown.chat.capabilities } = change;
	return { ...grown, chat: { ...grown.chat, memberCount, capabilities } };
}

/** What `changes` told of all that happened after a revision at or before the cursor. */
export function merge(log: Log, told: Gathered, me: string): Log {
	// Events may have been faster than the answer; then it knows less of chat and self than the log.
	const isNews = told.rev >= log.cursor;
	const grown = withMembers(withMessages(log, told.messages, me), told.members, me);
	const self = isNews ? told.self && forward(told.self, grown.self) : forward(grown.self, told.self);
	if (!isNews) return { ...grown, self };
	// Messages beyond the answer's own end are events that wait for their turn.
	return { ...grown, cursor: told.rev, chat: told.chat, self };
}

/** Messages as they now are: those beyond the end go on the log, and into the window where it is attached. */
export function withMessages(log: Log, told: readonly Message[], me: string): Log {
	const messages = [...log.messages];
	let { from } = log;
	let { lastSeq, lastMessage } = log.chat;
	const read = new Map<string, number>();
	for (const message of inOrder(told)) {
		const { seq, senderId } = message;
		const index = seq - from;
		if (index >= 0 && index < messages.length) messages[index] = newer(messages[index], message);
		else if (index === messages.length && seq > lastSeq) messages.push(message);
		if (seq > lastSeq) {
			lastSeq = seq;
			// Sending reads up to one's own message; nobody tells it.
			read.set(senderId, seq);
			if (messages.length === 0) from = lastSeq + 1;
		}
		if (seq === lastSeq) lastMessage = newer(lastMessage?.seq === seq ? lastMessage : undefined, message);
	}
	const over = messages.length - WINDOW_MAX;
	if (over > 0) messages.splice(0, over);
	const grown = { ...log, from: from + Math.max(over, 0), messages };
	grown.chat = { ...log.chat, lastSeq, lastMessage };
	for (const [userId, seq] of read) Object.assign(grown, marked(grown, userId, seq, seq, me));
	return grown;
}

/** Members as they now are; those with `leftAt` go. */
export function withMembers(log: Log, told: readonly Member[], me: string): Log {
	if (told.length === 0) return log;
	const members = new Map(log.members.map(member => [member.userId, member]));
	let { self } = log;
	for (const member of told) {
		const { userId, leftAt } = member;
		const held = members.get(userId);
		if (leftAt) members.delete(userId);
		else if (held || members.size < MEMBERS_MAX) members.set(userId, forward(member, held ?? null));
		if (userId === me)
			self = leftAt ? null : forward({ mutedUntil: self?.mutedUntil ?? null, ...member }, self);
	}
	const joined = [...members.values()].sort(byJoin);
	return {
		...log,
		self,
		members: joined,
		membersComplete: log.membersComplete && joined.length < MEMBERS_MAX,
	};
}

const byJoin = (a: Member, b: Member) =>
	a.joinedAt === b.joinedAt ? (a.userId < b.userId ? -1 : 1) : a.joinedAt < b.joinedAt ? -1 : 1;

/** Marks that moved: they never go back, and are no revision. */
export function marked(log: Log, userId: string, deliveredSeq: number, readSeq: number, me: string): Log {
	const marks = { deliveredSeq, readSeq };
	const held = log.members.find(member => member.userId === userId);
	const moved = held && forward(held, marks);
	const members =
		moved === held ? log.members : log.members.map(member => (member === held ? (moved as Member) : member));
	const self = userId === me ? forward(log.self, marks) : log.self;
	return members === log.members && self === log.self ? log : { ...log, members, self };
}

type Marks = Pick<Member, "deliveredSeq" | "readSeq">;

/** A member with the farther of two marks; the same object where nothing moves. Who comes back starts at the end, so beyond the old ones. */
function forward<M extends Member | null>(member: M, marks: Marks | null): M {
	if (!member || !marks) return member;
	const deliveredSeq = Math.max(member.deliveredSeq, marks.deliveredSeq, marks.readSeq);
	const readSeq = Math.max(member.readSeq, marks.readSeq);
	if (deliveredSeq === member.deliveredSeq && readSeq === member.readSeq) return member;
	return { ...member, deliveredSeq, readSeq };
}

export type Side = "older" | "newer" | "jump";

/**
 * The window with a page put to it; what the window then holds too much goes at the other end. Null where the page does
 * not join: the window has moved since it was asked for.
 * @param recent what has changed since it was asked for, by `seq`
 */
export function withPage(
	log: Log,
	page: readonly Message[],
	recent: ReadonlyMap<number, Message>,
	side: Side,
): Log | null {
	const told = page
		.map(message => newer(recent.get(message.seq), message))
		.filter(({ seq }) => seq <= log.chat.lastSeq);
	const fresh = whole(told, side === "newer");
	const first = fresh[0]?.seq;
	const last = fresh.at(-1)?.seq;
	if (first === undefined || last === undefined) return side === "jump" ? null : log;
	// What came while the page was under way may go on where the page ends.
	for (let next = recent.get(last + 1); next && side !== "older"; next = recent.get(next.seq + 1))
		if (next.seq <= log.chat.lastSeq) fresh.push(next);
	const end = lastOf(log);
	if (side !== "jump" && log.messages.length > 0 && (last < log.from - 1 || first > end + 1)) return null;
	const held = side === "jump" ? [] : log.messages;
	const from = held.length > 0 ? Math.min(first, log.from) : first;
	const messages: Message[] = [];
	for (const message of [...held, ...fresh]) {
		const index = message.seq - from;
		messages[index] = newer(messages[index], message);
	}
	const over = Math.max(0, messages.length - WINDOW_MAX);
	if (side === "newer") return { ...log, from: from + over, messages: messages.slice(over) };
	return { ...log, from, messages: messages.slice(0, WINDOW_MAX) };
}
