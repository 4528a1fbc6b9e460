import type { ServiceSettingSchema } from "moleculer";
import type { Member } from "../../contracts/chats.ts";
import type { Params } from "../../contracts/contract.ts";
import { ERRORS, type Failure } from "../../contracts/errors.ts";
import type { Events } from "../../contracts/events.ts";
import { LIMITS } from "../../contracts/limits.ts";
import * as messages from "../../contracts/messages.ts";
import { Batcher } from "../../lib/batcher.ts";
import { config } from "../../lib/config.ts";
import { isRefusedValue } from "../../lib/database.ts";
import { codeOf, failureOf, invalid, notFound } from "../../lib/errors.ts";
import { newId } from "../../lib/ids.ts";
import { announce, type CallerMeta, type Ctx, type Reply, type Schema } from "../../lib/moleculer.ts";
import { Pace } from "../../lib/pace.ts";
import { openReplica, type Replica } from "../../lib/replica.ts";
import { type LogVars, withLog } from "../../mixins/log.ts";
import { AccessCache } from "./access-cache.ts";
import { CatchUps } from "./catch-up.ts";
import { forward } from "./forward.ts";
import { type InboxMoved, inboxUpdates, type MarkMove, markBatch } from "./marks.ts";
import { placeOf } from "./messages.store.ts";
import { isNewestPage } from "./pages.rules.ts";
import { getMessage, history, pins, receipts } from "./pages.ts";
import * as how from "./rewrite.ts";
import { type Send, type Sent, sendBatch } from "./send.ts";

/** Who would wait longer is told to come again: an answer that late is none. */
const SENDS_WAIT_MAX_MS = 1_000;

const isUnavailable = (reason: unknown) => codeOf(reason) === "UNAVAILABLE";

interface Settings extends ServiceSettingSchema {
	/** Sends, or marks, that are committed together at most; 1 is a transaction for each. */
	batchMax: number;
	/** Sends, or marks, that wait at most; above it the answer is UNAVAILABLE. */
	queueMax: number;
	/** How many users' rights in chats are kept, to be compared with the chat's head before use. */
	accessesMax: number;
}

interface MarkParams {
	chatId?: string | null;
	seq?: number | null;
	messageId?: string | null;
}

interface Methods {
	send(userId: string, params: Params<typeof messages.send>): Promise<Sent>;
	unforeseen(err: unknown): Failure;
	change(ctx: { meta: CallerMeta }, messageId: string, rewrite: how.Rewrite): Promise<messages.Message>;
	mark(ctx: { meta: CallerMeta; params: MarkParams }, kind: MarkMove["kind"]): Promise<Member>;
	hint<E extends keyof Events>(name: E, data: Events[E]): void;
}

interface Vars extends LogVars {
	/** Null where there is none. */
	replica: Replica | null;
	accesses: AccessCache;
	catchUps: CatchUps;
	sends: Batcher<Send, Sent>;
	marks: Batcher<MarkMove, Member>;
	inboxes: Batcher<InboxMoved, void>;
}

/** What is said in chats: in each, every message and every change has its place in one order, and none is lost. */
export default {
	name: "messages",
	mixins: [withLog()],
	settings: { batchMax: config.commitBatchMax, queueMax: 10_000, accessesMax: 50_000 },

	actions: {
		send: {
			...messages.send,
			async handler(ctx: Ctx<typeof messages.send>): Reply<typeof messages.send> {
				const sent = await this.send(ctx.meta.user.id, ctx.params);
				if (sent.replayed) ctx.meta.replayed = true;
				return sent.message;
			},
		},

		sendAll: {
			...messages.sendAll,
			async handler(ctx: Ctx<typeof messages.sendAll>): Reply<typeof messages.sendAll> {
				const sends = ctx.params.sends as messages.CheckedSend[];
				const sent = await Promise.allSettled(sends.map(send => this.send(send.userId, send)));
				// So that it shows where failures of calls are counted.
				const away = sent
					.map(outcome => outcome.status === "rejected" && outcome.reason)
					.filter(isUnavailable);
				if (away.length === sends.length) throw away[0];
				return sent.map(outcome =>
					outcome.status === "fulfilled"
						? { message: outcome.value.message }
						: { failure: failureOf(outcome.reason) ?? this.unforeseen(outcome.reason) },
				);
			},
		},

		history: {
			...messages.history,
			async handler(ctx: Ctx<typeof messages.history>): Reply<typeof messages.history> {
				const { chatId, limit } = ctx.params;
				// Where most look, and many at once.
				if (isNewestPage(ctx.params))
					return this.catchUps.newest(ctx.meta.user.id, chatId, limit ?? LIMITS.pageDefault);
				return history(this.db, this.replica, ctx.meta.user.id, chatId, ctx.params);
			},
		},

		get: {
			...messages.get,
			async handler(ctx: Ctx<typeof messages.get>): Reply<typeof messages.get> {
				return getMessage(this.db, ctx.meta.user.id, ctx.params.id);
			},
		},

		update: {
			...messages.update,
			async handler(ctx: Ctx<typeof messages.update>): Reply<typeof messages.update> {
				const { messageId, content, mentions } = ctx.params;
				return this.change(ctx, messageId, how.edit(content, mentions ? [...new Set(mentions)] : null));
			},
		},

		remove: {
			...messages.remove,
			async handler(ctx: Ctx<typeof messages.remove>): Reply<typeof messages.remove> {
				return this.change(ctx, ctx.params.messageId, how.remove);
			},
		},

		pin: {
			...messages.pin,
			async handler(ctx: Ctx<typeof messages.pin>): Reply<typeof messages.pin> {
				return this.change(ctx, ctx.params.messageId, how.pin);
			},
		},

		unpin: {
			...messages.unpin,
			async handler(ctx: Ctx<typeof messages.unpin>): Reply<typeof messages.unpin> {
				return this.change(ctx, ctx.params.messageId, how.unpin);
			},
		},

		pins: {
			...messages.pins,
			async handler(ctx: Ctx<typeof messages.pins>): Reply<typeof messages.pins> {
				return pins(this.db, ctx.meta.user.id, ctx.params.chatId, ctx.params);
			},
		},

		forward: {
			...messages.forward,
			async handler(ctx: Ctx<typeof messages.forward>): Reply<typeof messages.forward> {
				const { messageId, chatIds, clientId } = ctx.params;
				const done = await forward(this.log, {
					userId: ctx.meta.user.id,
					messageId,
					chatIds: [...new Set(chatIds)],
					clientId: clientId ?? newId(),
				});
				for (const growth of done.growths) this.hint("thread.grew", growth);
				if (done.replayed) ctx.meta.replayed = true;
				return { items: done.messages, nextCursor: null };
			},
		},

		react: {
			...messages.react,
			async handler(ctx: Ctx<typeof messages.react>): Reply<typeof messages.react> {
				return this.change(ctx, ctx.params.messageId, how.react(ctx.params.emoji));
			},
		},

		unreact: {
			...messages.unreact,
			async handler(ctx: Ctx<typeof messages.unreact>): Reply<typeof messages.unreact> {
				return this.change(ctx, ctx.params.messageId, how.unreact(ctx.params.emoji));
			},
		},

		receipts: {
			...messages.receipts,
			async handler(ctx: Ctx<typeof messages.receipts>): Reply<typeof messages.receipts> {
				return receipts(this.db, ctx.meta.user.id, ctx.params.messageId, ctx.params);
			},
		},

		read: {
			...messages.read,
			async handler(ctx: Ctx<typeof messages.read>): Reply<typeof messages.read> {
				return this.mark(ctx, "read");
			},
		},

		delivered: {
			...messages.delivered,
			async handler(ctx: Ctx<typeof messages.delivered>): Reply<typeof messages.delivered> {
				return this.mark(ctx, "delivered");
			},
		},

		changes: {
			...messages.changes,
			async handler(ctx: Ctx<typeof messages.changes>): Reply<typeof messages.changes> {
				const { chatId, since, limit } = ctx.params;
				return this.catchUps.of(ctx.meta.user.id, chatId, since, limit ?? LIMITS.pageDefault);
			},
		},

		open: {
			...messages.open,
			async handler(ctx: Ctx<typeof messages.open>): Reply<typeof messages.open> {
				const { chatId, since } = ctx.params;
				return this.catchUps.of(ctx.meta.user.id, chatId, since ?? null, LIMITS.pageMax);
			},
		},

		gap: {
			...messages.gap,
			async handler(ctx: Ctx<typeof messages.gap>): Reply<typeof messages.gap> {
				return this.catchUps.gap(ctx.params.chatId, ctx.params.since);
			},
		},
	},

	methods: {
		async send(userId, { chatId, content, type, clientId, metadata, replyToId, mentions }) {
			return this.sends.add({
				id: newId(),
				access: await this.accesses.of(chatId, userId),
				clientId: clientId ?? newId(),
				type: type ?? "text",
				content,
				metadata: metadata ?? {},
				replyToId: replyToId ?? null,
				mentions: [...new Set(mentions)],
			});
		},

		/** One of several fails as none was to: it is told here, since its stack goes no further. */
		unforeseen(err) {
			this.logger.error("A message could not be sent.", err);
			const type = isRefusedValue(err) ? "VALIDATION_ERROR" : "INTERNAL";
			return { type, message: ERRORS[type].meaning };
		},

		change(ctx, messageId, rewrite) {
			return how.rewrite(this.log, ctx.meta.user.id, messageId, rewrite);
		},

		/** A mark is named by its chat and `seq`, by a message, or by a chat alone: its end. */
		async mark({ meta, params: { chatId, seq, messageId } }, kind) {
			const who = { userId: meta.user.id, socketId: meta.socketId ?? null, kind };
			if (!messageId) {
				if (!chatId) throw invalid("chatId", "The 'chatId' field is required.");
				return this.marks.add({ ...who, chatId, seq: seq ?? null, byMessage: false });
			}
			if (typeof seq === "number") throw invalid("messageId", "Give a 'seq' or a 'messageId', not both.");
			const place = await placeOf(this.db.query, this.db.t, messageId);
			if (!place || (chatId && chatId !== place.chatId)) throw notFound("message");
			return this.marks.add({ ...who, ...place, byMessage: true });
		},

		/** Whoever misses a hint finds out when they next read. */
		hint(name, data) {
			announce(this.broker, name, data).catch(err => this.logger.warn(`${name} was not told.`, err));
		},
	},

	started() {
		const { batchMax, queueMax, accessesMax } = this.settings;
		const pace = new Pace();
		this.replica = openReplica(this.logger);
		const bounds = { batchMax, queueMax, gatherMs: () => pace.gatherMs, failsTogether: true };
		this.accesses = new AccessCache(this.db, accessesMax);
		this.catchUps = new CatchUps(this.db);
		this.sends = new Batcher({
			...bounds,
			gatherMs: () => pace.sendsGatherMs,
			waitMaxMs: SENDS_WAIT_MAX_MS,
			run: sends => {
				pace.note(sends.length, new Set(sends.map(({ access }) => access.chatId)).size);
				return sendBatch(this.log, sends, {
					keep: access => this.accesses.keep(access),
					grew: growth => this.hint("thread.grew", growth),
				});
			},
		});
		this.marks = new Batcher({
			...bounds,
			run: moves =>
				markBatch(this.log, moves, {
					told: marks => this.hint("receipts.moved", { marks }),
					read: moved =>
						void this.inboxes.add(moved).catch(err => this.logger.warn("An inbox was not told.", err)),
				}),
		});
		// What someone has not read takes counting: the next count waits for the last, and no reader for either.
		this.inboxes = new Batcher({
			...bounds,
			run: async moved => {
				for (const update of await inboxUpdates(this.db, moved)) this.hint("inbox.moved", update);
				return moved.map(() => ({ value: undefined }));
			},
		});
	},

	async stopped() {
		await Promise.all([this.sends?.close(), this.marks?.close(), this.catchUps?.close()]);
		await Promise.all([this.inboxes?.close(), this.replica?.close()]);
	},
} satisfies Schema<Settings, Methods, Vars>;
