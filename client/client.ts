import type { ServerEvent } from "../contracts/socket.ts";
import { Account } from "./account.ts";
import type { Client, ClientEvents, ClientOptions, Times, User } from "./api.ts";
import { Connection } from "./connection/connection.ts";
import { ParleyError } from "./errors.ts";
import { Inbox } from "./inbox/inbox.ts";
import { Chats } from "./log/chats.ts";
import { DeliveryMarks } from "./log/delivery-marks.ts";
import { Outbox } from "./outbox/outbox.ts";
import type { Parts } from "./parts.ts";
import { Presences } from "./people/presence.ts";
import { Typing } from "./people/typing.ts";
import { Users } from "./people/users.ts";
import { Listeners, reached } from "./readable.ts";

const TIMES: Times = {
	graceMs: 5_000,
	unreachableMs: 15_000,
	retryMinMs: 500,
	retryMaxMs: 20_000,
	heartbeatMs: 20_000,
	ackMs: 10_000,
};

/** What the chats' logs live on. */
const OF_CHATS = [
	"message",
	"message:update",
	"message:delete",
	"message:pin",
	"message:unpin",
	"message:reaction",
	"message:status",
	"chat:created",
	"chat:updated",
	"chat:deleted",
	"chat:member-joined",
	"chat:member-left",
	"chat:member-updated",
	"thread:updated",
	"inbox:update",
] as const satisfies readonly ServerEvent[];

/** A client of one user. It does nothing before `connect()`. */
export function createClient(options: ClientOptions): Client {
	const url = options.url.replace(/\/+$/, "");
	const { platform = {} } = options;
	const times = { ...TIMES, ...options.times };
	const account = new Account({ ...options, url, times });
	const connection = new Connection({ url, token: account.token, times, platform });
	account.use(connection);

	const events = new Map<string, Listeners<[payload: unknown]>>();
	const parts: Parts = {
		link: account,
		db: account.db,
		tabs: account.tabs,
		times,
		get me() {
			return account.id;
		},
		emit: (event, payload) => events.get(event)?.call(payload),
		saw: cards => users.saw(cards),
	};
	const users = new Users(account);
	const presences = new Presences(account);
	const typing = new Typing(parts);
	const outbox = new Outbox(parts);
	const chats = new Chats({
		parts,
		outbox,
		typing,
		inboxItem: chatId => inbox.log.items.get(chatId),
	});
	const marks = new DeliveryMarks(parts);
	const inbox = new Inbox(parts, {
		outbox,
		users,
		delivered: (chatId, seq) => marks.mark(chatId, seq),
		removed: chatId => chats.removed(chatId),
	});

	for (const event of OF_CHATS) account.on(event, payload => chats.take(event, payload));
	account.onSocket(() => chats.reconnect());
	account.onHeads(heads => chats.heads(heads));
	account.tabs.on(message => {
		if (message.what === "draft") chats.draftChanged(message.chatId);
		if (message.what === "signed-out") void account.end(signedOut(), false);
	});
	account.onOpen(() => {
		void inbox.start();
		void outbox.start();
	});
	account.ended.add(() => {
		connection.disconnect();
		outbox.stop();
		marks.stop();
		typing.stop();
		inbox.clear();
		void inbox.stop();
		void chats.close();
	});

	return {
		url,
		connection: account.state,
		me: account.me as Client["me"],
		inbox: inbox.state,
		waiting: outbox.waiting,
		connect() {
			if (account.isEnded) return;
			connection.connect();
			void account.find().catch(() => {});
		},
		ready: () =>
			reached(account.state, ({ status, error }) => {
				if (status === "signed-out") throw error ?? signedOut();
				return status === "online";
			}),
		disconnect: () => connection.disconnect(),
		async signOut() {
			await account.end(signedOut(), true);
		},

		chat: chatId => chats.get(chatId),
		async createChat(wish) {
			const chat = await account.rest("POST /chats", wish);
			await inbox.rounds.reach(chat.id);
			return chats.get(chat.id);
		},
		loadMoreChats: () => inbox.rounds.loadMore(),
		async readAll() {
			await account.rest("POST /inbox/read-all", {});
			await inbox.rounds.sync();
		},

		user: userId => users.user(userId),
		presence: userId => presences.presence(userId),
		setPresence: (status, text) =>
			account.rest("PUT /presence", { status, ...(text !== undefined && { text }) }),
		async updateMe(change) {
			const user = await account.rest("PATCH /users/me", change);
			account.changed(user);
			return user as User;
		},

		on<E extends keyof ClientEvents>(event: E, listener: (payload: ClientEvents[E]) => void) {
			let listeners = events.get(event);
			if (!listeners) {
				listeners = new Listeners();
				events.set(event, listeners);
				// What only the client itself tells never comes over the wire.
				const own = listeners;
				account.on(event as ServerEvent, payload => own.call(payload));
			}
			return listeners.add(listener as (payload: unknown) => void);
		},
		rest: account.rest,
	};
}

const signedOut = () => new ParleyError("UNAUTHENTICATED", "Nobody is signed in.");
