/** A chat as the contract says it behaves: makes events, answers `changes` and pages. For tests of pure rules. */
import type { Asked, ChatLog } from "../../client/log/chat-log.ts";
import type { Change, Gathered } from "../../client/log/log.rules.ts";
import type { Chat, Member } from "../../contracts/chats.ts";
import type { Message } from "../../contracts/messages.ts";

export const ME = "me";
export const CHAT_ID = "chat";
const AT = "2026-01-01T00:00:00.000Z";

/** A question that is under way until `done`. */
export function asking(log: ChatLog): { asked: Asked; done: () => void } {
	const asked: Asked[] = [];
	let done = () => {};
	void log.asking(about => {
		asked.push(about);
		return new Promise<void>(resolve => {
			done = resolve;
		});
	});
	return { asked: asked[0] as Asked, done };
}

export const messageOf = (seq: number, rev: number, more: Partial<Message> = {}): Message => ({
	id: `m${seq}`,
	chatId: CHAT_ID,
	seq,
	rev,
	senderId: "ann",
	type: "text",
	content: `message ${seq}`,
	metadata: {},
	clientId: `c${seq}`,
	replyToId: null,
	thread: null,
	mentions: [],
	attachments: [],
	reactions: [],
	editedAt: null,
	deletedAt: null,
	pinnedAt: null,
	pinnedBy: null,
	forwardedFromId: null,
	originalSenderId: null,
	isEdited: false,
	isDeleted: false,
	isPinned: false,
	isForwarded: false,
	status: "SENT",
	createdAt: AT,
	...more,
});

export const memberOf = (userId: string, more: Partial<Member> = {}): Member => ({
	chatId: CHAT_ID,
	userId,
	role: "member",
	joinedAt: AT,
	joinedSeq: 0,
	readSeq: 0,
	deliveredSeq: 0,
	silencedUntil: null,
	leftAt: null,
	user: { id: userId, username: userId, displayName: userId, avatarUrl: null },
	...more,
});

export class ModelChat {
	rev = 1;
	readonly messages: Message[] = [];
	readonly members = new Map<string, Member & { rev: number }>();
	/** All that was told, in order. */
	readonly told: Change[] = [];
	#name = "a chat";

	constructor(members: string[] = [ME, "ann"]) {
		for (const id of members) this.members.set(id, { ...memberOf(id), rev: 1 });
	}

	get chat(): Chat {
		return {
			id: CHAT_ID,
			type: "group",
			name: this.#name,
			description: null,
			metadata: {},
			avatarUrl: null,
			announceOnly: false,
			parentChatId: null,
			parentMessageId: null,
			lastSeq: this.messages.length,
			rev: this.rev,
			lastMessage: this.messages.at(-1) ?? null,
			memberCount: this.present.length,
			minDeliveredSeq: 0,
			minReadSeq: 0,
			capabilities: { typing: true, receipts: true, presence: true, notifyAll: true },
			createdBy: "ann",
			createdAt: AT,
			updatedAt: AT,
		};
	}

	get present(): Member[] {
		return [...this.members.values()].filter(({ leftAt }) => !leftAt).map(({ rev: _, ...member }) => member);
	}

	send(senderId = "ann"): void {
		const message = messageOf(this.messages.length + 1, ++this.rev, { senderId });
		this.messages.push(message);
		this.#read(senderId, message.seq);
		this.told.push({ rev: this.rev, message });
	}

	edit(seq: number): void {
		const held = this.messages[seq - 1];
		if (!held) {
			this.send();
			return;
		}
		const message = { ...held, rev: ++this.rev, content: `edited at ${this.rev}`, isEdited: true };
		this.messages[seq - 1] = message;
		this.told.push({ rev: this.rev, message });
	}

	rename(): void {
		this.#name = `named at ${++this.rev}`;
		this.told.push({ rev: this.rev, chat: this.chat });
	}

	/** In if they are out, out if they are in. */
	toggle(userId: string): void {
		const held = this.members.get(userId);
		const isIn = held !== undefined && !held.leftAt;
		const marks = { joinedSeq: this.messages.length, readSeq: this.messages.length };
		const member = isIn
			? { ...held, leftAt: AT }
			: memberOf(userId, { ...marks, deliveredSeq: this.messages.length });
		const { rev: _, ...plain } = { rev: 0, ...member };
		this.members.set(userId, { ...plain, rev: ++this.rev });
		this.told.push({ rev: this.rev, member: plain, count: isIn ? -1 : 1 });
	}

	changes(since: number): Gathered {
		const changed = [...this.members.values()].filter(({ rev }) => rev > since);
		return {
			rev: this.rev,
			chat: this.chat,
			self: this.present.find(({ userId }) => userId === ME) ?? null,
			messages: this.messages.filter(({ rev }) => rev > since),
			members: changed.map(({ rev: _, ...member }) => member),
		};
	}

	/** What `chat:join` answers without a cursor. */
	newest(count = 50): Gathered {
		return { ...this.changes(this.rev), messages: this.messages.slice(-count) };
	}

	page(from: number, to: number): Message[] {
		return this.messages.slice(Math.max(0, from - 1), to);
	}

	#read(userId: string, seq: number): void {
		const held = this.members.get(userId);
		if (held && !held.leftAt) this.members.set(userId, { ...held, readSeq: seq, deliveredSeq: seq });
	}
}
