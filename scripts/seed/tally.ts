/** What the seed has added. Whatever was made before it began was there already. */
export class Tally {
	people = 0;
	chats = 0;
	messages = 0;
	readonly #since = Date.now();
	readonly #seen = new Set<string>();

	saw(kind: "chats" | "messages", { id, createdAt }: { id: string; createdAt: string }): void {
		if (Date.parse(createdAt) < this.#since || this.#seen.has(id)) return;
		this.#seen.add(id);
		this[kind]++;
	}

	inWords(): string {
		const { people, chats, messages } = this;
		if (people + chats + messages === 0) return "Nothing to add: all of it is there.";
		return `Added ${people} people, ${chats} chats and ${messages} messages.`;
	}
}
