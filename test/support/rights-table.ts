/** T2: who gets which answer from every action that takes an id, in a group. Read it as a page of the manual. */
import type { CallParams } from "./doors.ts";
import type { Person } from "./people.ts";

export const ACTORS = [
	"owner",
	"admin",
	"moderator",
	"member",
	"silenced",
	"former",
	"outsider",
	"foreign",
	"nobody",
] as const;
export type Actor = (typeof ACTORS)[number];

/** What each trial starts from: a group of its own, so that no cell disturbs another. */
export interface Scene {
	chatId: string;
	/** A plain member, whom rights are tried on. */
	target: Person;
	/** In no chat with anyone. */
	newcomer: Person;
	/** A message by the target. */
	messageId: string;
	/** A message by each actor who is or was a member. */
	ownMessageId: Record<string, string>;
	/** A group of the actor's own. */
	ownChatId: Record<string, string>;
	ownMessageElsewhereId: Record<string, string>;
	/** A session of the target's. */
	sessionId: string;
}

interface Row {
	action: string;
	/** Where one action is tried in several ways. */
	when?: string;
	params: (scene: Scene, actor: Actor) => CallParams;
	/** Which params name what may not be seen, where it is not `chatId`, `messageId` and `id`. */
	named?: string[];
	/** Where it succeeds, the next actor would find another scene. */
	spends?: true;
	/** One word an actor, in the order of `ACTORS`. */
	answers: string;
}

const chat = ({ chatId }: Scene) => ({ chatId });
const message = ({ messageId }: Scene) => ({ messageId });
const own = ({ ownMessageId }: Scene, actor: Actor) => ({ messageId: ownMessageId[actor] });
const anyId = "018f0000-0000-7000-8000-000000000000";

const ALL_MEMBERS = "ok ok ok ok ok NOT_FOUND NOT_FOUND NOT_FOUND UNAUTHENTICATED";
const MODERATORS = "ok ok ok FORBIDDEN FORBIDDEN NOT_FOUND NOT_FOUND NOT_FOUND UNAUTHENTICATED";
const ADMINS = "ok ok FORBIDDEN FORBIDDEN FORBIDDEN NOT_FOUND NOT_FOUND NOT_FOUND UNAUTHENTICATED";
const OWNERS = "ok FORBIDDEN FORBIDDEN FORBIDDEN FORBIDDEN NOT_FOUND NOT_FOUND NOT_FOUND UNAUTHENTICATED";
const NO_MEMBER =
	"FORBIDDEN FORBIDDEN FORBIDDEN FORBIDDEN FORBIDDEN NOT_FOUND NOT_FOUND NOT_FOUND UNAUTHENTICATED";
const SPEAKERS = "ok ok ok ok FORBIDDEN NOT_FOUND NOT_FOUND NOT_FOUND UNAUTHENTICATED";
const ANYONE = "ok ok ok ok ok ok ok ok UNAUTHENTICATED";
const NO_ADMIN =
	"FORBIDDEN FORBIDDEN FORBIDDEN FORBIDDEN FORBIDDEN FORBIDDEN FORBIDDEN FORBIDDEN UNAUTHENTICATED";
const NOBODY =
	"NOT_FOUND NOT_FOUND NOT_FOUND NOT_FOUND NOT_FOUND NOT_FOUND NOT_FOUND NOT_FOUND UNAUTHENTICATED";

export const ROWS: Row[] = [
	{
		action: "auth.endSession",
		when: "another's session",
		params: ({ sessionId }) => ({ id: sessionId }),
		answers: NOBODY,
	},
	{ action: "users.get", params: ({ target }) => ({ id: target.id }), answers: ANYONE },
	{ action: "presence.get", params: ({ target }) => ({ userId: target.id }), answers: ANYONE },
	{ action: "presence.batch", params: ({ target }) => ({ userIds: [target.id] }), answers: ANYONE },
	{ action: "presence.online", params: ({ target }) => ({ userIds: [target.id] }), answers: ANYONE },
	{ action: "gateway.subscribe", params: ({ target }) => ({ userIds: [target.id] }), answers: ANYONE },
	{ action: "gateway.unsubscribe", params: ({ target }) => ({ userIds: [target.id] }), answers: ANYONE },
	{
		action: "chats.create",
		when: "with a stranger",
		params: ({ newcomer }) => ({ type: "group", participantIds: [newcomer.id] }),
		answers: ANYONE,
	},
	{ action: "chats.get", params: chat, answers: ALL_MEMBERS },
	{ action: "chats.update", params: scene => ({ ...chat(scene), name: "renamed" }), answers: ADMINS },
	{ action: "chats.remove", params: chat, spends: true, answers: OWNERS },
	{ action: "chats.members", params: chat, answers: ALL_MEMBERS },
	{
		action: "chats.addMembers",
		params: scene => ({ ...chat(scene), userIds: [scene.newcomer.id] }),
		spends: true,
		answers: ADMINS,
	},
	{
		action: "chats.updateMember",
		when: "a role",
		params: scene => ({ ...chat(scene), userId: scene.target.id, role: "moderator" }),
		spends: true,
		answers: ADMINS,
	},
	{
		action: "chats.updateMember",
		when: "ownership",
		params: scene => ({ ...chat(scene), userId: scene.target.id, role: "owner" }),
		spends: true,
		answers: OWNERS,
	},
	{
		action: "chats.updateMember",
		when: "silence",
		params: scene => ({
			...chat(scene),
			userId: scene.target.id,
			silencedUntil: new Date(Date.now() + 60_000).toISOString(),
		}),
		spends: true,
		answers: MODERATORS,
	},
	{
		action: "chats.removeMember",
		params: scene => ({ ...chat(scene), userId: scene.target.id }),
		spends: true,
		answers: ADMINS,
	},
	{ action: "chats.join", when: "a group", params: chat, answers: ALL_MEMBERS },
	{
		action: "chats.leave",
		params: chat,
		spends: true,
		answers: "CONFLICT ok ok ok ok NOT_FOUND NOT_FOUND NOT_FOUND UNAUTHENTICATED",
	},
	{ action: "chats.mute", params: scene => ({ ...chat(scene), until: null }), answers: ALL_MEMBERS },
	{ action: "chats.thread", params: message, answers: ALL_MEMBERS },
	{ action: "messages.send", params: scene => ({ ...chat(scene), content: "hello" }), answers: SPEAKERS },
	{ action: "messages.history", params: chat, answers: ALL_MEMBERS },
	{ action: "messages.changes", params: scene => ({ ...chat(scene), since: 0 }), answers: ALL_MEMBERS },
	{ action: "messages.get", params: ({ messageId }) => ({ id: messageId }), answers: ALL_MEMBERS },
	{
		action: "messages.update",
		when: "another's message",
		params: scene => ({ ...message(scene), content: "mine now" }),
		answers: NO_MEMBER,
	},
	{
		action: "messages.update",
		when: "one's own",
		params: (scene, actor) => ({ ...own(scene, actor), content: "edited" }),
		answers: ALL_MEMBERS,
	},
	{
		action: "messages.remove",
		when: "another's message",
		params: message,
		spends: true,
		answers: MODERATORS,
	},
	{ action: "messages.remove", when: "one's own", params: own, spends: true, answers: ALL_MEMBERS },
	{ action: "messages.pin", params: message, answers: MODERATORS },
	{ action: "messages.unpin", params: message, answers: MODERATORS },
	{ action: "messages.pins", params: chat, answers: ALL_MEMBERS },
	{
		action: "messages.forward",
		when: "out of the chat",
		params: (scene, actor) => ({ ...message(scene), chatIds: [scene.ownChatId[actor]] }),
		answers: ALL_MEMBERS,
	},
	{
		action: "messages.forward",
		when: "into the chat",
		params: (scene, actor) => ({ messageId: scene.ownMessageElsewhereId[actor], chatIds: [scene.chatId] }),
		named: ["chatIds"],
		answers: SPEAKERS,
	},
	{ action: "messages.react", params: scene => ({ ...message(scene), emoji: "👍" }), answers: ALL_MEMBERS },
	{ action: "messages.unreact", params: scene => ({ ...message(scene), emoji: "👍" }), answers: ALL_MEMBERS },
	{ action: "messages.receipts", params: message, answers: ALL_MEMBERS },
	{ action: "messages.read", params: chat, answers: ALL_MEMBERS },
	{
		action: "messages.read",
		when: "by message",
		params: scene => ({ ...chat(scene), ...message(scene) }),
		answers: ALL_MEMBERS,
	},
	{ action: "messages.delivered", params: scene => ({ ...chat(scene), seq: 1 }), answers: ALL_MEMBERS },
	{ action: "gateway.join", params: chat, answers: ALL_MEMBERS },
	{ action: "gateway.typing", params: scene => ({ ...chat(scene), isTyping: true }), answers: ALL_MEMBERS },
	{ action: "dead-letters.remove", params: () => ({ id: anyId }), answers: NO_ADMIN },
	// Closing what is not open is nothing, whether there is such a chat or not.
	{ action: "gateway.leave", params: chat, answers: ANYONE },
];

/** The same call about what does not exist: its answer must be that of what one may not see. */
export const absent = (
	params: CallParams,
	named: readonly string[] = ["chatId", "messageId", "id"],
): CallParams =>
	Object.fromEntries(
		Object.entries(params).map(([name, value]) => {
			if (!named.includes(name)) return [name, value];
			return [name, Array.isArray(value) ? [anyId] : anyId];
		}),
	);

/** Actions that take no id of anything that could be another's. */
export const WITHOUT_IDS = [
	"auth.register",
	"auth.login",
	"auth.refresh",
	"auth.logout",
	"auth.sessions",
	"auth.changePassword",
	"users.me",
	"users.update",
	"users.list",
	"chats.channels",
	"inbox.list",
	"inbox.changes",
	"inbox.readAll",
	"presence.set",
	"presence.heartbeat",
	"gateway.heartbeat",
	"gateway.refresh",
	"analytics.report",
	"dead-letters.list",
];
