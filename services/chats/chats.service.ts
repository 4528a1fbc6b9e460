import type { ServiceSettingSchema } from "moleculer";
import * as chats from "../../contracts/chats.ts";
import {
	announce,
	type CallerMeta,
	type Ctx,
	type Reply,
	type Schema,
	type Via,
} from "../../lib/moleculer.ts";
import { type LogVars, withLog } from "../../mixins/log.ts";
import { readInboxUpdates } from "../../models/inbox.ts";
import { findChannels } from "./channels.store.ts";
import { createChat, type Made } from "./create.store.ts";
import { deleteChat, deleteOrphans, purgeSome } from "./deletion.store.ts";
import { endLateFollows, leaveChat, removeFromChat } from "./leaving.store.ts";
import { addToChat, joinChat, type MemberPages, memberPages, pageMembers } from "./members.store.ts";
import { muteChat } from "./mute.store.ts";
import { editMember } from "./roles.store.ts";
import { mayType, membersAmong, movedHeads, pageRooms, roomDigests, sharingPresence } from "./rooms.store.ts";
import { showChat } from "./seen.store.ts";
import { updateChat } from "./settings.store.ts";
import { threadOn } from "./threads.store.ts";

interface Settings extends ServiceSettingSchema {
	sweepEveryMs: number;
	/** Of each kind of work. */
	sweepBatchesMax: number;
}

/** Whoever asks, by whichever action. */
type Caller = Via & { meta: CallerMeta };

interface Methods {
	answer(ctx: Caller, made: Made): chats.Chat;
	leave(ctx: Caller, chatId: string): Promise<null>;
	tellOwnDevices(ctx: Caller, chatId: string): Promise<void>;
	sweep(since: "everySweep" | "atStart"): Promise<void>;
	sweepSoon(): void;
}

interface Vars extends LogVars {
	pages: MemberPages;
	sweeper: NodeJS.Timeout;
	sweeping: Promise<void> | null;
}

/** Chats and who is in them, with which rights: each change of either is a revision of its chat, told once. */
export default {
	name: "chats",
	mixins: [withLog()],
	settings: { sweepEveryMs: 10_000, sweepBatchesMax: 20 },

	actions: {
		create: {
			...chats.create,
			async handler(ctx: Ctx<typeof chats.create>): Reply<typeof chats.create> {
				return this.answer(ctx, await createChat(this.log, ctx.meta.user.id, ctx.params));
			},
		},

		get: {
			...chats.get,
			handler(ctx: Ctx<typeof chats.get>): Reply<typeof chats.get> {
				return showChat(this.db, ctx.params.chatId, ctx.meta.user.id);
			},
		},

		update: {
			...chats.update,
			handler(ctx: Ctx<typeof chats.update>): Reply<typeof chats.update> {
				return updateChat(this.log, ctx.meta.user.id, ctx.params);
			},
		},

		remove: {
			...chats.remove,
			async handler(ctx: Ctx<typeof chats.remove>): Reply<typeof chats.remove> {
				await deleteChat(this.log, ctx.params.chatId, ctx.meta.user.id);
				this.sweepSoon();
				return null;
			},
		},

		channels: {
			...chats.channels,
			handler(ctx: Ctx<typeof chats.channels>): Reply<typeof chats.channels> {
				return findChannels(this.db, ctx.params);
			},
		},

		members: {
			...chats.members,
			handler(ctx: Ctx<typeof chats.members>): Reply<typeof chats.members> {
				return pageMembers(this.pages, ctx.params.chatId, ctx.meta.user.id, ctx.params);
			},
		},

		addMembers: {
			...chats.addMembers,
			handler(ctx: Ctx<typeof chats.addMembers>): Reply<typeof chats.addMembers> {
				return addToChat(this.log, ctx.meta.user.id, ctx.params);
			},
		},

		updateMember: {
			...chats.updateMember,
			handler(ctx: Ctx<typeof chats.updateMember>): Reply<typeof chats.updateMember> {
				return editMember(this.log, ctx.meta.user.id, ctx.params);
			},
		},

		removeMember: {
			...chats.removeMember,
			async handler(ctx: Ctx<typeof chats.removeMember>): Reply<typeof chats.removeMember> {
				const { chatId, userId } = ctx.params;
				if (userId === ctx.meta.user.id) return this.leave(ctx, chatId);
				await removeFromChat(this.log, ctx.meta.user.id, ctx.params);
				this.sweepSoon();
				return null;
			},
		},

		join: {
			...chats.join,
			async handler(ctx: Ctx<typeof chats.join>): Reply<typeof chats.join> {
				const { chat, joined } = await joinChat(this.log, ctx.params.chatId, ctx.meta.user.id);
				if (joined) await this.tellOwnDevices(ctx, chat.id);
				return chat;
			},
		},

		leave: {
			...chats.leave,
			handler(ctx: Ctx<typeof chats.leave>): Reply<typeof chats.leave> {
				return this.leave(ctx, ctx.params.chatId);
			},
		},

		mute: {
			...chats.mute,
			async handler(ctx: Ctx<typeof chats.mute>): Reply<typeof chats.mute> {
				const { member, changed } = await muteChat(this.db, ctx.meta.user.id, ctx.params);
				if (changed) await this.tellOwnDevices(ctx, member.chatId);
				return member;
			},
		},

		thread: {
			...chats.thread,
			async handler(ctx: Ctx<typeof chats.thread>): Reply<typeof chats.thread> {
				const { messageId } = ctx.params;
				const made = await threadOn(this.log, messageId, ctx.meta.user.id);
				const { id: chatId, parentChatId } = made.chat;
				const thread = { chatId, count: 0, lastAt: null };
				if (parentChatId && !made.existed)
					await announce(ctx, "thread.grew", { parentChatId, messageId, thread });
				return this.answer(ctx, made);
			},
		},

		digests: {
			...chats.digests,
			handler(ctx: Ctx<typeof chats.digests>): Reply<typeof chats.digests> {
				return roomDigests(this.db, ctx.params.userIds);
			},
		},

		rooms: {
			...chats.rooms,
			handler(ctx: Ctx<typeof chats.rooms>): Reply<typeof chats.rooms> {
				return pageRooms(this.db, ctx.params.userIds, ctx.params.cursor ?? null);
			},
		},

		heads: {
			...chats.heads,
			handler(ctx: Ctx<typeof chats.heads>): Reply<typeof chats.heads> {
				return movedHeads(this.db, ctx.params.chatIds, ctx.params.since ?? null);
			},
		},

		among: {
			...chats.among,
			handler(ctx: Ctx<typeof chats.among>): Reply<typeof chats.among> {
				return membersAmong(this.db, ctx.params.chatId, ctx.params.userIds);
			},
		},

		sharing: {
			...chats.sharing,
			handler(ctx: Ctx<typeof chats.sharing>): Reply<typeof chats.sharing> {
				return sharingPresence(this.db, ctx.params.userId, ctx.params.userIds);
			},
		},

		mayType: {
			...chats.mayType,
			handler(ctx: Ctx<typeof chats.mayType>): Reply<typeof chats.mayType> {
				return mayType(this.db, ctx.params.chatId, ctx.params.userId);
			},
		},
	},

	methods: {
		answer(ctx, { chat, existed, replayed }) {
			if (existed) ctx.meta.existed = true;
			if (replayed) ctx.meta.replayed = true;
			return chat;
		},

		async leave(ctx, chatId) {
			const left = await leaveChat(this.log, chatId, ctx.meta.user.id);
			if (!left) return null;
			this.sweepSoon();
			await this.tellOwnDevices(ctx, chatId);
			return null;
		},

		async tellOwnDevices(ctx, chatId) {
			const userId = ctx.meta.user.id;
			const exceptSocketId = ctx.meta.socketId ?? null;
			const updates = await readInboxUpdates(this.db.query, this.db.t, [{ chatId, userId }]);
			for (const { userId: _, ...update } of updates)
				await announce(ctx, "inbox.moved", { userId, update, exceptSocketId });
		},

		/** What one transaction did not take in: threads of deleted chats, follows of left ones, rows of the deleted. */
		async sweep(since) {
			const work = [
				() => deleteOrphans(this.log),
				() => endLateFollows(this.log, since),
				() => purgeSome(this.db),
			];
			for (const some of work)
				for (let batches = 0; batches < this.settings.sweepBatchesMax && (await some()); batches++);
		},

		sweepSoon() {
			this.sweeping ??= this.sweep("everySweep")
				.catch(err => this.logger.warn("The sweep of deleted chats failed; the next one goes on.", err))
				.finally(() => {
					this.sweeping = null;
				});
		},
	},

	created() {
		this.sweeping = null;
	},

	async started() {
		this.pages = memberPages(this.db);
		this.sweeping = this.sweep("atStart")
			.catch(err => this.logger.warn("The first sweep of deleted chats failed.", err))
			.finally(() => {
				this.sweeping = null;
			});
		this.sweeper = setInterval(() => this.sweepSoon(), this.settings.sweepEveryMs);
	},

	async stopped() {
		clearInterval(this.sweeper);
		await Promise.all([this.sweeping, this.pages?.close()]);
	},
} satisfies Schema<Settings, Methods, Vars>;
