import { CLIENT_LIMITS as LIMITS } from "../../contracts/limits.ts";
import type { Changes } from "../../contracts/messages.ts";
import type { ChatStatus } from "../api.ts";
import { type ParleyError, parleyError, unavailable } from "../errors.ts";
import type { Parts } from "../parts.ts";
import { waitMs } from "../waits.ts";
import type { Asked, ChatLog } from "./chat-log.ts";

const PAGE = LIMITS.pageMax;

/** What the chat is told. */
export interface Followed {
	/** Where it stands; `error` says why it is not further. */
	state(status: ChatStatus, error: ParleyError | null): void;
	/** The log has been brought forward, or, with `isNew`, begun anew. */
	told(isNew: boolean): void;
	/** Opened on the current socket. */
	joined(): void;
	gone(error: ParleyError): void;
}

/** Keeps an open chat joined on the current socket, and fetches what its log lacks: one question at a time. */
export class Sync {
	readonly #parts: Parts;
	readonly #chatId: string;
	readonly #log: ChatLog;
	readonly #follower: Followed;
	#isOn = false;
	#isRunning = false;
	/** On the current socket. */
	#isJoined = false;
	/** Counts sockets: an answer to a join on one that is gone says nothing of the next. */
	#socket = 0;
	#tries = 0;
	#timer: ReturnType<typeof setTimeout> | undefined;

	constructor(parts: Parts, chatId: string, log: ChatLog, follower: Followed) {
		this.#parts = parts;
		this.#chatId = chatId;
		this.#log = log;
		this.#follower = follower;
	}

	start(): void {
		this.#isOn = true;
		this.rejoin();
	}

	/** Joins again: the socket is a new one, or it must be known whether one may still read. */
	rejoin(): void {
		this.#socket++;
		this.#isJoined = false;
		this.#tries = 0;
		this.#run();
	}

	/** Something may be missing. */
	look(): void {
		if (this.#log.isBehind && this.#tries === 0) this.#run();
	}

	stop(): void {
		if (this.#isOn && this.#isJoined)
			this.#parts.link.call("chat:leave", { chatId: this.#chatId }).catch(() => {});
		this.#isOn = this.#isJoined = false;
		clearTimeout(this.#timer);
	}

	/** Nobody waits for it, so whatever a server may answer, it does not fail. */
	#run(): void {
		if (this.#isRunning) return;
		this.#isRunning = true;
		clearTimeout(this.#timer);
		this.#follow().catch(err => console.error(err));
	}

	async #follow(): Promise<void> {
		try {
			while (this.#isOn && (!this.#isJoined || this.#log.isBehind)) {
				// The next socket calls `rejoin`.
				if (this.#parts.link.state.get().status !== "online") break;
				const socket = this.#socket;
				this.#follower.state(this.#log.get() ? "recovering" : "opening", null);
				try {
					await this.#log.asking(asked => this.#ask(asked));
					this.#tries = 0;
				} catch (err) {
					if (!this.#isOn || socket !== this.#socket) continue;
					const error = parleyError(err);
					if (error.code === "NOT_FOUND" || error.code === "FORBIDDEN") this.#follower.gone(error);
					else this.#tryLater(error);
					break;
				}
			}
		} finally {
			this.#isRunning = false;
		}
		if (this.#isOn && this.#isJoined && !this.#log.isBehind) this.#follower.state("live", null);
	}

	#tryLater(error: ParleyError): void {
		const wait = waitMs(this.#parts.times, this.#tries++, error);
		this.#timer = setTimeout(() => this.#run(), wait);
		this.#follower.state(this.#log.get() ? "recovering" : "opening", error);
	}

	/** One answer, with all of its pages. */
	async #ask(asked: Asked): Promise<void> {
		const { link } = this.#parts;
		const chatId = this.#chatId;
		const socket = this.#socket;
		const isJoin = !this.#isJoined;
		const { since } = this.#log;
		const page =
			isJoin || since === undefined
				? await link.call("chat:join", { chatId, ...(since !== undefined && { since }) })
				: await link.call("chat:changes", { chatId, since, limit: PAGE });
		if (!this.#isOn) return;
		await this.#put(page, since, asked);
		if (!this.#isOn) return;
		this.#isJoined = socket === this.#socket;
		if (isJoin && this.#isJoined) this.#follower.joined();
		else if (this.#log.get()?.cursor === since && this.#log.isBehind)
			throw unavailable("The server has nothing new, though it should.");
	}

	async #put(first: Changes, since: number | undefined, asked: Asked): Promise<void> {
		let page = first;
		const [messages, members] = [[...page.messages], [...page.members]];
		while (since !== undefined && !page.reset && page.hasMore) {
			// Changed faster than it is read: begin anew instead.
			const isTooMuch = messages.length + members.length > 2 * LIMITS.changesBehindMax;
			page = isTooMuch
				? { ...(await this.#parts.link.call("chat:join", { chatId: this.#chatId })), reset: true }
				: await this.#parts.link.call("chat:changes", { chatId: this.#chatId, since: page.rev, limit: PAGE });
			messages.push(...page.messages);
			members.push(...page.members);
		}
		if (!this.#isOn) return;
		const chatId = this.#chatId;
		if (since === undefined || page.reset) {
			const before = this.#log.get();
			this.#log.begin(page, asked);
			this.#follower.told(true);
			if (before) this.#parts.emit("reset", { chatId });
			return;
		}
		const missed = page.rev - (this.#log.get()?.cursor ?? page.rev);
		this.#log.catchUp({ ...page, messages, members }, asked);
		this.#follower.told(false);
		if (missed > 0) this.#parts.emit("recovered", { chatId, count: missed });
	}
}
