import type { ServiceSettingSchema } from "moleculer";
import * as inbox from "../../contracts/inbox.ts";
import { announce, type Ctx, type Reply, type Schema } from "../../lib/moleculer.ts";
import { type LogVars, withLog } from "../../mixins/log.ts";
import { readInboxUpdates, readTotalUnread } from "../../models/inbox.ts";
import { changesInInbox, listInbox } from "./inbox.store.ts";
import { type ReadBatch, readSome } from "./read-all.store.ts";

interface Methods {
	tell(ctx: Ctx<typeof inbox.readAll>, batch: ReadBatch): Promise<void>;
}

const NO_CHAT = "00000000-0000-0000-0000-000000000000";

/** A user's chats with what is unread in each: counted when asked for, so that no count can be wrong. */
export default {
	name: "inbox",
	mixins: [withLog()],

	actions: {
		list: {
			...inbox.list,
			handler(ctx: Ctx<typeof inbox.list>): Reply<typeof inbox.list> {
				return listInbox(this.db, ctx.meta.user.id, ctx.params);
			},
		},

		changes: {
			...inbox.changes,
			handler(ctx: Ctx<typeof inbox.changes>): Reply<typeof inbox.changes> {
				const { since, limit } = ctx.params;
				return changesInInbox(this.db, ctx.meta.user.id, since ?? null, limit);
			},
		},

		readAll: {
			...inbox.readAll,
			async handler(ctx: Ctx<typeof inbox.readAll>): Reply<typeof inbox.readAll> {
				const userId = ctx.meta.user.id;
				for (let after: string | null = NO_CHAT; after !== null; ) {
					const batch: ReadBatch = await readSome(this.log, userId, after);
					await this.tell(ctx, batch);
					after = batch.afterChatId;
				}
				return { totalUnread: await readTotalUnread(this.db.query, this.db.t, userId) };
			},
		},
	},

	methods: {
		async tell(ctx, { chatIds, marks }) {
			const userId = ctx.meta.user.id;
			const exceptSocketId = ctx.meta.socketId ?? null;
			if (chatIds.length === 0) return;
			if (marks.length > 0) await announce(ctx, "receipts.moved", { marks });
			const pairs = chatIds.map(chatId => ({ chatId, userId }));
			for (const { userId: _, ...update } of await readInboxUpdates(this.db.query, this.db.t, pairs))
				await announce(ctx, "inbox.moved", { userId, update, exceptSocketId });
		},
	},
} satisfies Schema<ServiceSettingSchema, Methods, LogVars>;
