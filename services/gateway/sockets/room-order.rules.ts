/**
 * The order of one chat's events: by `rev`, each once. What comes early waits, what comes late is dropped, and what
 * is missing is read. Pure: no clock, no I/O; the feed decides when it has waited long enough.
 */
import type { LogEvent } from "../../../contracts/changes.ts";
import type { Chat, Member } from "../../../contracts/chats.ts";
import type { Message } from "../../../contracts/messages.ts";

/** What a room tells of a change; an event of the log is one, and so is what was read where the event is missing. */
export type RoomEvent = Pick<
	Extract<LogEvent, unknown>,
	"change" | "epoch" | "data" | "newUserIds" | "chat"
> & {
	chatId: string;
	rev: number;
	seq: number | null;
};

/** How far a room has got in its chat's log. */
export interface Position {
	rev: number;
	lastSeq: number;
	epoch: number;
}

/** What changed after a revision, as `messages.gap` tells it. */
export interface Gap {
	rev: number;
	epoch: number;
	messages: Message[];
	members: (Member & { rev: number })[];
	chat: Chat;
	/** Another page follows; at a `reset` it speaks of older messages, which no room wants. */
	hasMore: boolean;
	/** Too much changed to be told one by one. */
	reset: boolean;
}

/** These raise the chat's epoch by themselves, so a step of one explains itself. */
const MOVES_EPOCH = new Set<RoomEvent["change"]>([
	"chat.created",
	"chat.updated",
	"chat.deleted",
	"member.joined",
	"member.left",
	"member.updated",
]);

export class RoomOrder implements Position {
	rev: number;
	lastSeq: number;
	epoch: number;
	readonly #earlyMax: number;
	/** The highest revision heard of. */
	#heard: number;
	/** Those whose turn has not come, each in its place after `rev`. An array, not a Map: see `InFlight`. */
	readonly #early: (RoomEvent | undefined)[] = [];
	/** What was told as new from a gap that is not all read: the rest of it may hold older messages, or these again. */
	readonly #newInGap = new Set<number>();

	constructor({ rev, lastSeq, epoch }: Position, earlyMax: number) {
		this.rev = rev;
		this.lastSeq = lastSeq;
		this.epoch = epoch;
		this.#heard = rev;
		this.#earlyMax = earlyMax;
	}

	/** Whether something beyond `rev` is known of. */
	get isBehind(): boolean {
		return this.#heard > this.rev;
	}

	/** Whether waiting has no sense any more: what comes next is too far ahead to be kept. */
	get isFull(): boolean {
		return this.#heard - this.rev >= this.#earlyMax;
	}

	/** That the chat has got to `rev`, by whatever way it is known. */
	hear(rev: number): void {
		if (rev > this.#heard) this.#heard = rev;
	}

	/**
	 * Keeps an event until its turn; what is full or late needs no keeping: it is read, or was told.
	 * @returns false where it is late
	 */
	take(event: RoomEvent): boolean {
		if (event.rev <= this.rev) return false;
		this.hear(event.rev);
		const place = event.rev - this.rev - 1;
		if (place < this.#earlyMax) this.#early[place] = event;
		return true;
	}

	/** The event whose turn it is. */
	next(): RoomEvent | undefined {
		return this.#early[0];
	}

	/** Whether the members, as the room knows them, may not be those that the event was committed with. */
	distrusts(event: RoomEvent): boolean {
		return event.epoch > this.epoch + (MOVES_EPOCH.has(event.change) ? 1 : 0);
	}

	/** Says that an event was told. */
	told(event: Pick<RoomEvent, "rev" | "epoch" | "change" | "seq">): void {
		this.#moveTo(event.rev);
		if (event.epoch > this.epoch) this.epoch = event.epoch;
		if (event.change === "message.created" && event.seq !== null && event.seq > this.lastSeq)
			this.lastSeq = event.seq;
	}

	/**
	 * What was read for a gap, as events in the order of `rev`: the present state of each thing, once.
	 * @param members whom the room knows as its own already
	 */
	*fill(gap: Gap, members: ReadonlySet<string> = new Set()): Generator<RoomEvent> {
		const from = this.rev;
		const base = { chatId: gap.chat.id, epoch: gap.epoch };
		const events: RoomEvent[] = [];
		if (!gap.reset) {
			const isNew = ({ seq }: Message) => seq > this.lastSeq && !this.#newInGap.has(seq);
			events.push(...gap.messages.map(data => ({ ...base, ...messageEvent(data, isNew(data)) })));
			const hasJoined = ({ userId, joinedSeq }: Member) => !members.has(userId) && joinedSeq >= this.lastSeq;
			events.push(
				...gap.members.map(member => ({ ...base, ...memberEvent(member, gap, hasJoined(member)) })),
			);
			events.sort((a, b) => a.rev - b.rev);
		}
		let last = from;
		for (const event of events) {
			if (event.rev <= from || event.rev > gap.rev) continue;
			last = event.rev;
			if (event.seq !== null && event.seq > this.lastSeq) this.#newInGap.add(event.seq);
			yield event;
		}
		if (last < gap.rev && isLast(gap))
			yield { ...base, change: "chat.updated", rev: gap.rev, seq: null, data: gap.chat };
	}

	/** Says that all of a gap was told. */
	filled(gap: Gap): void {
		const { rev, epoch, chat } = gap;
		if (rev > this.rev) this.#moveTo(rev);
		if (epoch > this.epoch) this.epoch = epoch;
		if (isLast(gap)) {
			this.lastSeq = Math.max(this.lastSeq, ...this.#newInGap, chat.rev === rev ? chat.lastSeq : 0);
			this.#newInGap.clear();
		}
		this.hear(this.rev);
	}

	#moveTo(rev: number): void {
		if (rev === this.rev + 1) this.#early.shift();
		else this.#early.splice(0, rev - this.rev);
		this.rev = rev;
	}
}

/** Whether a gap is all read with this page. */
export const isLast = ({ hasMore, reset }: Gap): boolean => reset || !hasMore;

function messageEvent(data: Message, isNew: boolean) {
	const known = data.isDeleted ? ("message.deleted" as const) : ("message.updated" as const);
	const change = isNew ? ("message.created" as const) : known;
	return { change, rev: data.rev, seq: data.seq, data };
}

/**
 * A row does not say what happened to it last: who is no member here, and joined at or after the last seq that was
 * told, has come since. Of users of other nodes that may be wrong, and both say the same of the member.
 */
function memberEvent({ rev, ...member }: Gap["members"][number], gap: Gap, hasJoined: boolean) {
	const data = { chatId: gap.chat.id, rev, member, capabilities: gap.chat.capabilities };
	if (member.leftAt !== null) return { change: "member.left" as const, rev, seq: null, data };
	if (!hasJoined) return { change: "member.updated" as const, rev, seq: null, data };
	return {
		change: "member.joined" as const,
		rev,
		seq: null,
		data,
		newUserIds: [member.userId],
		chat: gap.chat,
	};
}
