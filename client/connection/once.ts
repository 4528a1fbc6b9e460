/** While one socket takes over from another, what both tell is at most so far apart. */
const KNOWN_MAX = 512;

interface Durable {
	chatId?: string;
	/** Of a chat that tells of itself. */
	id?: string;
	rev?: number;
	member?: { userId: string };
}

/** Durable events come once, whichever sockets bring them: a chat's revision is told one time. */
export class Once {
	readonly #known = new Set<string>();

	/** Whether it was not heard before; of what has no revision nobody can say. */
	isNew(name: string, payload: unknown): boolean {
		const { chatId, id, rev, member } = (payload ?? {}) as Durable;
		if (typeof rev !== "number") return true;
		const key = `${name} ${chatId ?? id} ${rev} ${member?.userId}`;
		if (this.#known.has(key)) return false;
		this.#known.add(key);
		for (const oldest of this.#known) {
			if (this.#known.size <= KNOWN_MAX) break;
			this.#known.delete(oldest);
		}
		return true;
	}
}
