/** The calls that do not simply go to another service: those that concern the connection itself, and sends. */
import type { ServiceBroker } from "moleculer";
import * as chats from "../../../contracts/chats.ts";
import type { ActionContract, Params, Result } from "../../../contracts/contract.ts";
import * as gateway from "../../../contracts/gateway.ts";
import * as messages from "../../../contracts/messages.ts";
import type { Presence } from "../../../contracts/presence.ts";
import * as presences from "../../../contracts/presence.ts";
import { fail, invalid } from "../../../lib/errors.ts";
import { call } from "../../../lib/moleculer.ts";
import { authenticate } from "../authenticate.ts";
import { BOUNDS } from "./bounds.ts";
import type { Connection } from "./connection.ts";
import { close } from "./farewell.ts";
import { Homes } from "./homes.ts";
import type { Leases } from "./leases.ts";
import type { Locals } from "./local-user.ts";
import { type Memberships, mayHear } from "./memberships.ts";
import type { Rights } from "./rights.ts";
import type { Room, Rooms } from "./room.ts";
import { Sends } from "./sends.ts";
import type { Typing } from "./typing.ts";
import type { Watching } from "./watching.ts";

interface Parts {
	broker: ServiceBroker;
	locals: Locals;
	rooms: Rooms;
	typing: Typing;
	watching: Watching;
	leases: Leases;
	rights: Pick<Rights, "hasEnded">;
	memberships: Pick<Memberships, "reread">;
}

/** @param handOver says that the next send of the socket to the same chat may come */
type Handler = (from: Connection, params: never, handOver: () => void) => Promise<unknown>;

export class OwnCalls {
	readonly #parts: Parts;
	readonly #sends: Sends;

	constructor(parts: Parts) {
		this.#parts = parts;
		this.#sends = new Sends(parts.broker, new Homes(parts.broker, parts.rooms));
	}

	/** By the action's name. */
	readonly handlers: ReadonlyMap<string, Handler> = new Map<string, Handler>([
		[gateway.join.action, (from, params) => this.#join(from, params)],
		[gateway.leave.action, (from, params) => this.#leave(from, params)],
		[gateway.typing.action, (from, params) => this.#typing(from, params)],
		[gateway.heartbeat.action, (from, params) => this.#heartbeat(from, params)],
		[presences.set.action, (from, params) => this.#setPresence(from, params)],
		[gateway.subscribe.action, (from, params) => this.#subscribe(from, params)],
		[gateway.unsubscribe.action, (from, params) => this.#unsubscribe(from, params)],
		[gateway.refresh.action, (from, params) => this.#refresh(from, params)],
		[messages.send.action, (from, params, handOver) => this.#send(from, params, handOver)],
	]);

	/** Whether this node has as many such calls under way as it should. */
	isFull({ action }: ActionContract): boolean {
		return action === messages.send.action && this.#sends.isFull;
	}

	#send(from: Connection, params: Params<typeof messages.send>, handOver: () => void) {
		const sent = this.#sends.add(from, params);
		handOver();
		return sent;
	}

	/** Opens for the socket, then reads: nothing falls between. Who is not known here as a reader must be one first. */
	async #join(from: Connection, params: Params<typeof gateway.join>): Promise<Result<typeof gateway.join>> {
		const { broker, rooms, memberships } = this.#parts;
		if (from.open.size >= BOUNDS.openChatsPerSocketMax)
			throw invalid("chatId", `One socket may open ${BOUNDS.openChatsPerSocketMax} chats.`);
		const read = () => call(broker, messages.open, params, { meta: from.meta });
		const known = rooms.get(params.chatId);
		const early = known && this.#mayHear(known, from) ? known : null;
		if (!early) await read();
		const room = early ?? rooms.ensure(await this.#stateOf(params.chatId));
		// They may read it, so they are a member of it or of its parent: the event that said so is late or lost.
		if (!this.#mayHear(room, from)) void memberships.reread(from.user);
		const wasOpen = room.open.has(from);
		if (from.isLive) rooms.openFor(room, from);
		else rooms.closeFor(room, from);
		try {
			return await read();
		} catch (err) {
			if (!wasOpen) rooms.closeFor(room, from);
			throw err;
		}
	}

	/** A chat that nobody here was a member of: a thread that is only read, or one whose event was lost. */
	async #stateOf(chatId: string): Promise<chats.RoomState> {
		const { items } = await call(this.#parts.broker, chats.heads, { chatIds: [chatId] });
		const [state] = items;
		if (!state) throw fail("NOT_FOUND", "There is no such chat.");
		return state;
	}

	#mayHear(room: Room, { user }: Connection): boolean {
		return mayHear(this.#parts.rooms, room.chatId, room.parentChatId, user);
	}

	async #leave(from: Connection, { chatId }: Params<typeof gateway.leave>): Promise<null> {
		const room = this.#parts.rooms.get(chatId);
		if (room) this.#parts.rooms.closeFor(room, from);
		this.#parts.typing.endOf(from, chatId);
		return null;
	}

	async #typing(from: Connection, { chatId, isTyping }: Params<typeof gateway.typing>): Promise<null> {
		const { rooms, typing } = this.#parts;
		const room = rooms.get(chatId);
		const isMember = room ? this.#mayHear(room, from) : false;
		await typing.set(from, chatId, isTyping, { isMember, rights: rooms.epochsOf(chatId) });
		return null;
	}

	async #heartbeat(from: Connection, { idle }: Params<typeof gateway.heartbeat>) {
		const { rooms, leases } = this.#parts;
		if (typeof idle === "boolean") from.idle = idle;
		// The heads are what heals, so they are told whatever becomes of presence.
		const presence = await leases.renew(from).catch(() => lastKnown(from));
		const { heads, tick, hasMore } = from.user.headsSince(from.heartbeatTick, rooms.tick);
		from.heartbeatTick = tick;
		return { presence, heads, hasMore } satisfies Result<typeof gateway.heartbeat>;
	}

	/** Whoever chooses what they are has touched the device. */
	async #setPresence(from: Connection, params: Params<typeof presences.set>): Promise<Presence> {
		from.presence = await call(this.#parts.broker, presences.set, params, { meta: from.meta });
		from.idle = false;
		return from.presence;
	}

	async #subscribe(from: Connection, { userIds }: Params<typeof gateway.subscribe>) {
		return { users: await this.#parts.watching.add(from, userIds) };
	}

	async #unsubscribe(from: Connection, { userIds }: Params<typeof gateway.unsubscribe>) {
		this.#parts.watching.remove(from, userIds);
		return { users: [] };
	}

	async #refresh(from: Connection, { token }: Params<typeof gateway.refresh>): Promise<null> {
		const caller = await authenticate(this.#parts.broker, token);
		if (caller.meta.user.id !== from.user.id) throw fail("UNAUTHENTICATED", "The token is of another user.");
		from.renew(caller);
		if (!this.#parts.rights.hasEnded(from)) return null;
		close(from);
		throw fail("UNAUTHENTICATED", "The session has ended.");
	}
}

/** Where nobody says it now: what it was, and whoever asks first is here, after all. */
const lastKnown = ({ user, presence, idle }: Connection): Presence =>
	presence ?? { userId: user.id, status: idle ? "away" : "online", text: null, lastSeenAt: null };
