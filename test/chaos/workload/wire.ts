/** What one bare device is told over its connections, as it comes, before any client puts it right. */
import type { MemberChange } from "../../../contracts/changes.ts";
import type { Message } from "../../../contracts/messages.ts";
import type { Connection, Told } from "../record.ts";

const NOTICED_MAX = 50;

export class Wire {
	readonly connections: Connection[] = [];
	readonly noticed: string[] = [];
	#chats = new Map<string, Told[]>();

	/** A new connection: nothing of the one before it counts. */
	begin(): void {
		this.#chats = new Map();
		this.connections.push(this.#chats);
	}

	take(event: string, payload: unknown): void {
		if (event === "message:status") return; // a hint, which may be late
		if (event === "message" || event.startsWith("message:")) {
			const { chatId, rev, id, seq } = payload as Message;
			this.#tell(chatId, { rev, about: id, seq: event === "message" ? seq : null });
		} else if (event.startsWith("chat:member-")) {
			const { chatId, rev, member } = payload as MemberChange;
			this.#tell(chatId, { rev, about: member.userId, seq: null });
		} else if (event === "chat:created" || event === "chat:updated") {
			const { id, rev } = payload as { id: string; rev: number };
			this.#tell(id, { rev, about: id, seq: null });
		}
	}

	#tell(chatId: string, told: Told): void {
		const list = this.#chats.get(chatId);
		if (list) list.push(told);
		else this.#chats.set(chatId, [told]);
	}

	notice(what: string): void {
		if (this.noticed.length < NOTICED_MAX) this.noticed.push(what);
	}
}
