/** For each published action one case: with which params it is tried, and whose state it changes (I11). */
import type { CallParams } from "./doors.ts";
import { ok } from "./people.ts";
import type { Stage } from "./stage.ts";

export interface Case {
	/** What must be there before; its result goes to `params`. */
	before?: (stage: Stage) => Promise<unknown>;
	/** The call, made by Ann's first device. */
	// biome-ignore lint/suspicious/noExplicitAny: what `before` gave
	params: (stage: Stage, made: any) => CallParams;
	/**
	 * Whose state must differ afterwards: Ben's, that of Ann's other device, or nobody's, and then why.
	 * Where it is no state of the log, `view` reads it.
	 */
	changes: "ben" | "own" | { nobody: string };
	/** Reads what must differ, where it is not in the log's state. */
	view?: (stage: Stage, params: CallParams) => Promise<unknown>;
	/** An event that all devices of whoever is told must hear. */
	heard?: string;
}

const aRead = { nobody: "it only reads" } as const;
const later = () => new Date(Date.now() + 3_600_000).toISOString();

const benSees = (path: (stage: Stage) => string) => async (stage: Stage) =>
	ok(await stage.ben.rest.get(path(stage)));
const annSees = (path: (stage: Stage) => string) => async (stage: Stage) =>
	ok(await stage.ann.rest.get(path(stage)));
const inChat = ({ chat }: Stage) => ({ chatId: chat.id });
const onMessage = ({ message }: Stage) => ({ messageId: message.id });
const aUsername = () => `new.${Math.random().toString(36).slice(2, 12)}`;
const signInAgain = async ({ ann }: Stage) =>
	ok<{ refreshToken: string; accessToken: string }>(
		await ann.rest.post("/auth/login", { login: ann.username, password: ann.password }),
	);

export const CASES: Record<string, Case> = {
	"auth.register": {
		params: () => {
			const username = aUsername();
			return { username, email: `${username}@example.com`, password: "long enough for us" };
		},
		changes: "ben",
		view: async ({ ben }, { username }) =>
			ok(await ben.rest.get(`/users?search=${username ?? "nobody.has.this"}`)),
	},
	"auth.login": {
		params: ({ ann }) => ({ login: ann.username, password: ann.password }),
		changes: "own",
		view: annSees(() => "/auth/sessions"),
	},
	"auth.refresh": {
		before: signInAgain,
		params: (_, { refreshToken }) => ({ refreshToken }),
		changes: { nobody: "the session stays, its tokens are the caller's own" },
	},
	"auth.logout": {
		before: signInAgain,
		params: () => ({}),
		changes: { nobody: "the caller's own session ends; T4 looks at what follows" },
	},
	"auth.sessions": { params: () => ({}), changes: aRead },
	"auth.endSession": {
		before: async stage => {
			await signInAgain(stage);
			const { items } = ok<{ items: { id: string; current: boolean }[] }>(
				await stage.ann.rest.get("/auth/sessions"),
			);
			return items.find(({ current }) => !current);
		},
		params: (_, session) => ({ id: session.id }),
		changes: "own",
		view: annSees(() => "/auth/sessions"),
	},
	"auth.changePassword": {
		before: signInAgain,
		params: ({ ann }) => ({ currentPassword: ann.password, newPassword: "quite another one" }),
		changes: "own",
		view: annSees(() => "/auth/sessions"),
	},
	"users.me": { params: () => ({}), changes: aRead },
	"users.update": {
		params: () => ({ displayName: "Ann the Second" }),
		changes: "ben",
		view: benSees(({ ann }) => `/users/${ann.id}`),
		heard: "user:updated",
	},
	"users.get": { params: ({ ben }) => ({ id: ben.id }), changes: aRead },
	"users.list": { params: () => ({ search: "ann" }), changes: aRead },
	"chats.create": {
		params: ({ ben }) => ({ type: "group", name: "new", participantIds: [ben.id] }),
		changes: "ben",
		heard: "chat:created",
	},
	"chats.get": { params: inChat, changes: aRead },
	"chats.update": {
		params: stage => ({ ...inChat(stage), name: "another name" }),
		changes: "ben",
		heard: "chat:updated",
	},
	"chats.remove": { params: inChat, changes: "ben", heard: "chat:deleted" },
	"chats.channels": { params: () => ({}), changes: aRead },
	"chats.members": { params: inChat, changes: aRead },
	"chats.addMembers": {
		params: stage => ({ ...inChat(stage), userIds: [stage.carol.id] }),
		changes: "ben",
		heard: "chat:member-joined",
	},
	"chats.updateMember": {
		params: stage => ({ ...inChat(stage), userId: stage.ben.id, role: "moderator" }),
		changes: "ben",
		heard: "chat:member-updated",
	},
	"chats.removeMember": {
		params: stage => ({ ...inChat(stage), userId: stage.ben.id }),
		changes: "ben",
		heard: "chat:member-left",
	},
	"chats.join": {
		before: ({ ben }) => ben.chat({ type: "channel", name: `c ${aUsername()}` }),
		params: (_, channel) => ({ chatId: channel.id }),
		changes: "ben",
	},
	"chats.leave": {
		before: async ({ ann, ben }) => ben.chat({ type: "group", name: "to leave", participantIds: [ann.id] }),
		params: (_, chat) => ({ chatId: chat.id }),
		changes: "ben",
		heard: "chat:member-left",
	},
	"chats.mute": {
		params: stage => ({ ...inChat(stage), until: later() }),
		changes: "own",
		view: annSees(() => "/inbox"),
	},
	"chats.thread": {
		params: onMessage,
		changes: "ben",
		view: benSees(({ message }) => `/messages/${message.id}`),
	},
	"messages.send": {
		params: stage => ({ ...inChat(stage), content: "hello" }),
		changes: "ben",
		heard: "message",
	},
	"messages.history": { params: inChat, changes: aRead },
	"messages.changes": { params: stage => ({ ...inChat(stage), since: 0 }), changes: aRead },
	"messages.get": { params: ({ message }) => ({ id: message.id }), changes: aRead },
	"messages.update": {
		params: stage => ({ ...onMessage(stage), content: "edited" }),
		changes: "ben",
		heard: "message:update",
	},
	"messages.remove": { params: onMessage, changes: "ben", heard: "message:delete" },
	"messages.pin": { params: onMessage, changes: "ben", heard: "message:pin" },
	"messages.unpin": {
		before: async ({ ann, message }) => ok(await ann.rest.put(`/messages/${message.id}/pin`)),
		params: onMessage,
		changes: "ben",
		heard: "message:unpin",
	},
	"messages.pins": { params: inChat, changes: aRead },
	"messages.forward": {
		before: ({ ann, ben }) => ann.group(ben),
		params: (stage, target) => ({ ...onMessage(stage), chatIds: [target.id] }),
		changes: "ben",
		heard: "message",
	},
	"messages.react": {
		params: stage => ({ ...onMessage(stage), emoji: "👍" }),
		changes: "ben",
		heard: "message:reaction",
	},
	"messages.unreact": {
		before: async ({ ann, message }) =>
			ok(await ann.rest.put(`/messages/${message.id}/reactions/${encodeURIComponent("👍")}`)),
		params: stage => ({ ...onMessage(stage), emoji: "👍" }),
		changes: "ben",
		heard: "message:reaction",
	},
	"messages.receipts": { params: onMessage, changes: aRead },
	"messages.read": {
		params: stage => ({ ...inChat(stage), seq: 2 }),
		changes: "ben",
		view: benSees(({ chat }) => `/chats/${chat.id}/members`),
	},
	"messages.delivered": {
		params: stage => ({ ...inChat(stage), seq: 2 }),
		changes: "ben",
		view: benSees(({ chat }) => `/chats/${chat.id}/members`),
	},
	"inbox.list": { params: () => ({}), changes: aRead },
	"inbox.changes": { params: () => ({}), changes: aRead },
	"inbox.readAll": {
		params: () => ({}),
		changes: "ben",
		view: benSees(({ chat }) => `/chats/${chat.id}/members`),
	},
	"presence.set": {
		params: () => ({ status: "dnd", text: "busy" }),
		changes: "ben",
		view: benSees(({ ann }) => `/presence/${ann.id}`),
	},
	"presence.heartbeat": { params: () => ({ idle: false }), changes: { nobody: "Ann is online already" } },
	"presence.get": { params: ({ ben }) => ({ userId: ben.id }), changes: aRead },
	"presence.batch": { params: ({ ben }) => ({ userIds: [ben.id] }), changes: aRead },
	"presence.online": { params: () => ({}), changes: aRead },
	"gateway.join": { params: inChat, changes: { nobody: "it opens the chat for this socket" } },
	"gateway.leave": { params: inChat, changes: { nobody: "it closes the chat for this socket" } },
	"gateway.typing": {
		before: async ({ ann, chat, devices }) => {
			await Promise.all(devices.map(({ socket }) => socket.emit("chat:join", { chatId: chat.id })));
			return ann;
		},
		params: stage => ({ ...inChat(stage), isTyping: true }),
		changes: { nobody: "it is told, and kept nowhere" },
		heard: "typing",
	},
	"gateway.heartbeat": { params: () => ({}), changes: { nobody: "it renews a lease" } },
	"gateway.subscribe": {
		params: ({ ben }) => ({ userIds: [ben.id] }),
		changes: { nobody: "it is of this socket" },
	},
	"gateway.unsubscribe": {
		params: ({ ben }) => ({ userIds: [ben.id] }),
		changes: { nobody: "it is of this socket" },
	},
	"gateway.refresh": {
		params: ({ ann }) => ({ token: ann.token }),
		changes: { nobody: "it is of this socket" },
	},
	"dead-letters.list": { params: () => ({}), changes: aRead },
	"dead-letters.remove": {
		params: () => ({ id: "018f0000-0000-7000-8000-000000000000" }),
		changes: { nobody: "it is an administrator's, in no chat" },
	},
	"analytics.report": { params: () => ({}), changes: aRead },
};
