/** A device on bare socket.io-client: a careful client's model over it, which comes back by its cursors. */
import { setTimeout as sleep } from "node:timers/promises";
import { io, type Socket } from "socket.io-client";
import { ERRORS, type ErrorCode } from "../../../contracts/errors.ts";
import { ClientModel, type KnownChat } from "../../support/model.ts";
import type { Person } from "../../support/people.ts";
import type { Ack } from "../../support/socket.ts";
import type { SeenChat, View } from "../record.ts";
import type { HeadRow } from "../rows.ts";
import { Wire } from "./wire.ts";

/** Longer than any limit of an answer, so that one which is not kept shows. */
export const ANSWER_MS = 12_000;
const HEARTBEAT_MS = 1_500;
const AGAIN_MS = 300;

export class BareDevice {
	readonly name: string;
	readonly who: Person;
	readonly model: ClientModel;
	readonly #wire = new Wire();
	readonly #socket: Socket;
	#hasEnded = false;
	/** Without a network, and by its own will. */
	#isAway = false;
	#cutOff = 0;
	#beating: Promise<void> = Promise.resolve();
	#isBehind = false;

	private constructor(name: string, who: Person, url: string) {
		this.name = name;
		this.who = who;
		this.model = new ClientModel(who.id, {
			changes: (chatId, since) => this.#insist("chat:changes", { chatId, since, limit: 200 }),
			inbox: cursor => this.#insist("inbox:list", cursor ? { cursor } : {}),
			inboxChanges: since => this.#insist("inbox:sync", { since }),
		});
		this.#socket = io(url, {
			transports: ["websocket"],
			forceNew: true,
			autoConnect: false,
			auth: { token: who.token },
			reconnectionDelay: 100,
			reconnectionDelayMax: 1_000,
			timeout: 5_000,
		});
	}

	/** A device that is online and knows all chats of its user. */
	static async on(url: string, who: Person, name: string): Promise<BareDevice> {
		const device = new BareDevice(name, who, url);
		device.#socket.onAny((event: string, payload: unknown) => {
			device.#wire.take(event, payload);
			device.model.take(event, payload);
		});
		device.#socket.on("connect", () => {
			device.#wire.begin();
			device.#isBehind = true;
		});
		// Whom a node that ends sends away has to come back by themselves.
		device.#socket.on("disconnect", reason => {
			if (!device.#isAway) device.#cutOff++;
			if (reason === "io server disconnect") void device.vanish(AGAIN_MS);
		});
		// Socket.IO comes again by itself where nobody answers, but not where a node that lacks the others refuses.
		device.#socket.on("connect_error", () => void device.#comeAgain());
		device.#socket.connect();
		await device.model.load();
		device.#openSome();
		device.#socket.on("connect", () => device.#openSome());
		device.#beating = device.#beat();
		return device;
	}

	get isOnline(): boolean {
		return this.#socket.connected;
	}

	/** @throws where no answer comes, or the link breaks before it */
	ask(event: string, payload: unknown): Promise<Ack> {
		if (!this.#socket.connected) return Promise.reject(new Error("It is not connected."));
		return this.#socket.timeout(ANSWER_MS).emitWithAck(event, payload);
	}

	notice(what: string): void {
		this.#wire.notice(what);
	}

	/** How often it has lost its connection by no doing of its own. */
	get cutOff(): number {
		return this.#cutOff;
	}

	/** The device has no network for a while. */
	async vanish(ms: number): Promise<void> {
		this.#isAway = true;
		this.#socket.io.engine?.close();
		this.#socket.disconnect();
		await sleep(ms);
		this.#isAway = false;
		if (!this.#hasEnded) this.#socket.connect();
	}

	async #comeAgain(): Promise<void> {
		if (this.#socket.active) return;
		await sleep(AGAIN_MS);
		if (!this.#hasEnded) this.#socket.connect();
	}

	/** Whether it has got to these heads. */
	hasReached(heads: readonly HeadRow[]): boolean {
		return this.isOnline && heads.every(({ chatId, rev }) => (this.model.chats.get(chatId)?.rev ?? 0) >= rev);
	}

	/** Asks by its cursors: what the others of its user have read is told by hints alone. */
	sync(): Promise<void> {
		return this.model.resume();
	}

	view(): View {
		const chats = new Map([...this.model.chats].map(([chatId, known]) => [chatId, seen(known)]));
		const { connections, noticed } = this.#wire;
		return { device: this.name, userId: this.who.id, chats, connections, noticed, waiting: 0 };
	}

	async end(): Promise<void> {
		this.#hasEnded = true;
		this.#isAway = true;
		this.#socket.disconnect();
		await this.#beating;
	}

	/** What a careful client asks now and then: so it notices what was lost. */
	async #beat(): Promise<void> {
		while (!this.#hasEnded) {
			await sleep(HEARTBEAT_MS);
			if (!this.isOnline) continue;
			if (this.#isBehind) {
				this.#isBehind = false;
				void this.model.resume();
			}
			const ack = await this.ask("heartbeat", {}).catch(() => null);
			if (ack?.status === "ok") void this.model.heads(ack.heads);
		}
	}

	/** Every other chat, for its receipts. What happens in the rest it must hear as a member alone. */
	#openSome(): void {
		for (const [n, [chatId, { rev }]] of [...this.model.chats].entries())
			if (n % 2 === 0) void this.ask("chat:join", { chatId, since: rev }).catch(() => {});
	}

	/** Asks until it is answered; what the server refuses for good is noted, and stays unanswered. */
	async #insist<T>(event: string, payload: unknown): Promise<T> {
		while (!this.#hasEnded) {
			const ack = await this.ask(event, payload).catch(() => null);
			if (ack?.status === "ok") return ack as T;
			if (ack && !mayHaveHappened(ack.code)) {
				this.notice(`'${event}' was refused: ${ack.code}`);
				break;
			}
			await sleep(AGAIN_MS);
		}
		return new Promise<never>(() => {});
	}
}

/** Whether a failed call may have done what was asked: then its outcome is unknown. */
export const mayHaveHappened = (code: string | undefined): boolean =>
	(ERRORS[code as ErrorCode]?.status ?? 500) >= 500;

function seen({ chat, rev, messages, readSeq }: KnownChat): SeenChat {
	const all = [...messages.values()].sort((a, b) => a.seq - b.seq);
	return {
		rev,
		lastSeq: chat.lastSeq,
		unread: chat.lastSeq - readSeq,
		messages: all.map(({ id, seq, content, isDeleted, reactions }) => ({
			id,
			seq,
			content,
			isDeleted,
			reactions: reactions.map(({ emoji, count }) => `${emoji} ${count}`).sort(),
		})),
	};
}
