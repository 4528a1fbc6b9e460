/** A chat as a gateway meets it: its log, its members, and the answers of the services that own them. */
import type { LogEvent } from "../../contracts/changes.ts";
import type { Chat, Member, RoomState } from "../../contracts/chats.ts";
import type { LogBatch } from "../../contracts/events.ts";
import type { Message } from "../../contracts/messages.ts";
import { digestOf } from "../../lib/chat-digest.ts";
import { fail } from "../../lib/errors.ts";
import type { Handlers } from "./gateway.ts";

type Told = Omit<LogEvent, "id" | "at" | "actorId" | "chatId" | "epoch"> & { epoch?: number };

/** What may be committed without being told, told late, or told out of order: the test decides. */
export class ChatLog {
	readonly chatId: string;
	readonly parentChatId: string | null;
	readonly members = new Set<string>();
	readonly left: Member[] = [];
	readonly messages: Message[] = [];
	rev = 0;
	epoch = 1;
	isDeleted = false;
	/** Whether a gap has too much in it to be told one by one. */
	isTooWide = false;
	/** Whether a gap says at which revision a member changed. */
	saysMemberRevs = true;
	#memberRevs = new Map<string, number>();

	constructor(chatId: string, members: string[], parentChatId: string | null = null) {
		this.chatId = chatId;
		this.parentChatId = parentChatId;
		for (const id of members) this.members.add(id);
		this.rev = members.length;
	}

	get chat(): Chat {
		return {
			id: this.chatId,
			type: this.parentChatId ? "thread" : "group",
			rev: this.rev,
			lastSeq: this.messages.length,
			parentChatId: this.parentChatId,
			memberCount: this.members.size,
			capabilities: { typing: true, receipts: true, presence: true, notifyAll: true },
		} as Chat;
	}

	get state(): RoomState {
		const { chatId, rev, epoch, parentChatId, members } = this;
		return { chatId, rev, epoch, parentChatId, lastSeq: this.messages.length, memberCount: members.size };
	}

	send(content = "hello", senderId = "someone"): LogEvent {
		this.rev++;
		const seq = this.messages.length + 1;
		const message = { id: `m${seq}`, chatId: this.chatId, seq, rev: this.rev, content, senderId } as Message;
		this.messages.push(message);
		return this.#event({ change: "message.created", rev: this.rev, seq, data: message } as Told);
	}

	edit(seq: number, content: string): LogEvent {
		const message = { ...(this.messages[seq - 1] as Message), content, rev: ++this.rev };
		this.messages[seq - 1] = message;
		return this.#event({ change: "message.updated", rev: this.rev, seq, data: message } as Told);
	}

	join(userId: string): LogEvent {
		this.members.add(userId);
		this.epoch++;
		const data = this.#memberChange(userId, null);
		const more = { newUserIds: [userId], chat: this.chat };
		return this.#event({ change: "member.joined", rev: this.rev, seq: null, data, ...more } as Told);
	}

	leave(userId: string): LogEvent {
		this.members.delete(userId);
		this.epoch++;
		const data = this.#memberChange(userId, new Date().toISOString());
		return this.#event({ change: "member.left", rev: this.rev, seq: null, data } as Told);
	}

	/** A member's role or silence. */
	change(userId: string): LogEvent {
		this.epoch++;
		const data = this.#memberChange(userId, null);
		return this.#event({ change: "member.updated", rev: this.rev, seq: null, data } as Told);
	}

	remove(): LogEvent {
		this.isDeleted = true;
		this.rev++;
		return this.#event({ change: "chat.deleted", rev: this.rev, seq: null, data: this.chat } as Told);
	}

	created(): LogEvent {
		const newUserIds = [...this.members];
		return this.#event({
			change: "chat.created",
			rev: this.rev,
			seq: null,
			data: this.chat,
			newUserIds,
		} as Told);
	}

	#memberChange(userId: string, leftAt: string | null) {
		this.#memberRevs.set(userId, ++this.rev);
		const member = { chatId: this.chatId, userId, leftAt, joinedSeq: this.messages.length } as Member;
		this.left.push(member);
		return { chatId: this.chatId, rev: this.rev, member };
	}

	#event(told: Told): LogEvent {
		const at = new Date().toISOString();
		return { id: "e", at, actorId: "a", chatId: this.chatId, epoch: this.epoch, ...told } as LogEvent;
	}

	gap(since: number) {
		if (this.isDeleted) throw fail("NOT_FOUND");
		const members = this.left
			.map(member => ({ ...member, rev: this.#memberRevs.get(member.userId) as number }))
			.filter(({ rev }) => rev > since)
			.map(({ rev, ...member }) => (this.saysMemberRevs ? { ...member, rev } : member));
		return {
			rev: this.rev,
			epoch: this.epoch,
			messages: this.messages.filter(({ rev }) => rev > since).sort((a, b) => a.rev - b.rev),
			members,
			chat: this.chat,
			hasMore: false,
			reset: this.isTooWide,
		};
	}
}

/** The services' answers about some chats, and how often each action was called. */
export function answersOf(logs: ChatLog[]) {
	/** How long the memberships take to read. */
	const slow = { roomsMs: 0 };
	const counts: Record<string, number> = {};
	const find = (chatId: unknown) => {
		const log = logs.find(one => one.chatId === chatId);
		if (!log || log.isDeleted) throw fail("NOT_FOUND");
		return log;
	};
	const ids = (value: unknown) => value as string[];
	const answers: Record<string, (params: Record<string, unknown>, userId: string) => unknown> = {
		"chats.rooms": ({ userIds }) => ({
			items: logs.flatMap(log =>
				log.isDeleted
					? []
					: ids(userIds).flatMap(userId => (log.members.has(userId) ? [{ ...log.state, userId }] : [])),
			),
			nextCursor: null,
		}),
		"chats.digests": ({ userIds }) =>
			ids(userIds).map(userId => ({
				userId,
				digest: digestOf(
					logs.filter(log => !log.isDeleted && log.members.has(userId)).map(({ chatId }) => chatId),
				),
			})),
		"chats.heads": ({ chatIds }) => ({
			items: logs.filter(({ chatId }) => ids(chatIds).includes(chatId)).map(log => log.state),
			since: "1",
		}),
		"chats.among": ({ chatId, userIds }) => ids(userIds).filter(id => find(chatId).members.has(id)),
		"chats.sharing": ({ userId, userIds }) =>
			ids(userIds).filter(id => logs.some(({ members }) => members.has(id) && members.has(String(userId)))),
		"chats.mayType": ({ chatId, userId }) => find(chatId).members.has(String(userId)),
		"chats.get": ({ chatId }, userId) => {
			if (!find(chatId).members.has(userId)) throw fail("NOT_FOUND");
			return find(chatId).chat;
		},
		"messages.gap": ({ chatId, since }) => find(chatId).gap(Number(since)),
		"messages.open": ({ chatId }, userId) => {
			const log = find(chatId);
			const parent = logs.find(one => one.chatId === log.parentChatId);
			if (!log.members.has(userId) && !parent?.members.has(userId)) throw fail("NOT_FOUND");
			return { ...log.gap(0), self: null };
		},
		"presence.of": ({ userIds }) =>
			ids(userIds).map(userId => ({ userId, status: "online", text: null, lastSeenAt: null })),
		"presence.leases": ({ leases }) =>
			(leases as { userId: string }[]).map(({ userId }) => ({
				userId,
				status: "online",
				text: null,
				lastSeenAt: null,
			})),
	};
	const handlers: Handlers = Object.fromEntries(
		Object.entries(answers).map(([action, answer]) => [
			action,
			async ({ params, meta }) => {
				counts[action] = (counts[action] ?? 0) + 1;
				const result = answer(params, (meta.user as { id: string } | undefined)?.id ?? "");
				// The answer is old when it comes.
				if (action === "chats.rooms" && slow.roomsMs > 0)
					await new Promise(resolve => setTimeout(resolve, slow.roomsMs));
				return result;
			},
		]),
	);
	return { handlers, counts, slow };
}

/** A writer's stream of batches. */
export function stream(name = "s") {
	let n = 0;
	return {
		/** The next batch. */
		batch: (...events: LogEvent[]): LogBatch => ({ stream: name, n: ++n, events }),
		/** A batch that is lost. */
		lose: (): void => void n++,
		beat: () => ({ stream: name, n }),
	};
}
