/** A device with the SDK on it: what it shows must be right at every moment, not only at the end. */
import type { ChatState, ShownMessage } from "../../../client/api.ts";
import { Device } from "../../support/devices.ts";
import type { Person } from "../../support/people.ts";
import type { Deed, SeenChat, View } from "../record.ts";
import type { HeadRow } from "../rows.ts";
import { ANSWER_MS, mayHaveHappened } from "./bare.ts";

const NOTICED_MAX = 50;

export class SdkDevice {
	readonly name: string;
	readonly who: Person;
	readonly device: Device;
	readonly #chatIds: readonly string[];
	readonly #asked: { deed: Deed; key: string }[] = [];
	readonly #noticed: string[] = [];
	/** The furthest revision that was shown of a chat. */
	readonly #cursors = new Map<string, number>();

	private constructor(name: string, who: Person, device: Device, chatIds: readonly string[]) {
		this.name = name;
		this.who = who;
		this.device = device;
		this.#chatIds = chatIds;
	}

	static async on(url: string, who: Person, name: string, chatIds: readonly string[]): Promise<SdkDevice> {
		const sdk = new SdkDevice(name, who, await Device.on(url, who, { ackMs: ANSWER_MS }), chatIds);
		sdk.#watch();
		await Promise.all(chatIds.map(chatId => sdk.device.chat(chatId).ready()));
		return sdk;
	}

	get isOnline(): boolean {
		return this.device.client.connection.get().status === "online";
	}

	/** What may be changed. */
	recent(chatId: string): readonly ShownMessage[] {
		return this.device.chat(chatId).state.get().messages;
	}

	/** Does something with the client; what it throws is noted. */
	trying<T>(use: () => T): T | null {
		try {
			return use();
		} catch (err) {
			this.#notice(`threw "${(err as Error).message}"`);
			return null;
		}
	}

	/** The page goes without a word, and comes back with what was stored. */
	reload(): void {
		this.device.reload();
		this.#watch();
	}

	/** Whether it has got to these heads, and nothing waits to be sent. */
	hasReached(heads: readonly HeadRow[]): boolean {
		if (this.device.client.waiting.get() > 0) return false;
		return heads.every(({ chatId, rev }) => {
			const { cursor, status } = this.device.chat(chatId).state.get();
			return status === "live" && cursor >= rev;
		});
	}

	/** Remembers what was asked for. @param key of the message that it is about */
	asked(deed: Deed, key: string): void {
		this.#asked.push({ deed, key });
	}

	/** Notes what has become of all that was asked for: the outbox repeats it until it is known. */
	settle(): void {
		const isDone = this.device.client.waiting.get() === 0;
		for (const { deed, key } of this.#asked) {
			const shown =
				deed.does === "send"
					? this.recent(deed.chatId).find(({ clientId }) => clientId === deed.clientId)
					: undefined;
			// What has its place was sent: then it was a change of it that was refused, under the same key.
			const failure = shown?.seq ? undefined : this.device.failed.find(failed => failed.key === key);
			if (failure) deed.code = failure.code;
			if (failure && shown && !mayHaveHappened(failure.code)) deed.outcome = "failed";
			else deed.outcome = isDone && !failure ? "ok" : "unknown";
			if (shown?.seq && deed.outcome === "ok") Object.assign(deed, { id: shown.id, seq: shown.seq });
		}
	}

	view(): View {
		const states = this.#chatIds.map(id => [id, seen(this.device.chat(id).state.get())] as const);
		return {
			device: this.name,
			userId: this.who.id,
			chats: new Map(states),
			connections: [],
			noticed: this.#noticed,
			waiting: this.device.client.waiting.get(),
		};
	}

	end(): Promise<void> {
		return this.device.end();
	}

	#watch(): void {
		for (const chatId of this.#chatIds) {
			this.device.open(chatId);
			const { state } = this.device.chat(chatId);
			state.subscribe(() => this.#look(chatId, state.get()));
		}
		// Then the log begins anew, and may begin with less.
		this.device.client.on("reset", ({ chatId }) => this.#cursors.delete(chatId));
	}

	#look(chatId: string, state: ChatState): void {
		const { chat, cursor, status, messages } = state;
		// One's own that are sent, and not yet in the log, stand after it.
		const seqs = messages.flatMap(({ seq }) => (seq && seq <= (chat?.lastSeq ?? 0) ? seq : []));
		const hole = seqs.findIndex((seq, i) => i > 0 && seq !== (seqs[i - 1] as number) + 1);
		if (hole > 0) this.#notice(`shows ${seqs[hole]} after ${seqs[hole - 1]} in ${chatId}`);
		if (new Set(messages.map(({ key }) => key)).size < messages.length)
			this.#notice(`shows a message of ${chatId} twice`);
		if (status !== "live") return;
		const before = this.#cursors.get(chatId) ?? 0;
		if (cursor < before) this.#notice(`has gone back from ${before} to ${cursor} in ${chatId}`);
		this.#cursors.set(chatId, cursor);
	}

	#notice(what: string): void {
		if (this.#noticed.length < NOTICED_MAX) this.#noticed.push(what);
	}
}

function seen(state: ChatState): SeenChat {
	const { chat, cursor, unread, messages } = state;
	return {
		rev: cursor,
		lastSeq: chat?.lastSeq ?? 0,
		unread,
		messages: messages.flatMap(({ id, seq, content, isDeleted, reactions }) =>
			seq === null
				? []
				: [
						{
							id,
							seq,
							content,
							isDeleted,
							reactions: reactions.map(({ emoji, count }) => `${emoji} ${count}`).sort(),
						},
					],
		),
	};
}
