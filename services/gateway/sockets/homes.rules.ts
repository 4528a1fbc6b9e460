/**
 * Where the sends of a chat go that several nodes write to at once. Their commits wait for each other at its head, and
 * with each commit all else that is in it: where one node writes them, they share its batches. Pure.
 */

/** Batches of two writers that are so close may have waited for each other. */
const NEAR_MS = 50;
/** Once one node writes alone, nothing shows who else would: it is tried again after that. */
const KEPT_MS = 30_000;

/** Who writes to one chat, as far as its batches are heard here. */
export class Writers {
	#last: string | null = null;
	#at = 0;
	#meetUntil = 0;

	wrote(stream: string, now: number): void {
		if (this.#last !== null && this.#last !== stream && now - this.#at < NEAR_MS)
			this.#meetUntil = now + KEPT_MS;
		this.#last = stream;
		this.#at = now;
	}

	/** Whether several have written at about the same time lately. */
	meet(now: number): boolean {
		return now < this.#meetUntil;
	}
}

/**
 * By rendezvous hash: whoever knows of the same nodes names the same one, and a node that comes or goes moves only the
 * chats that it gets or had. Null without nodes.
 */
export function homeOf(chatId: string, nodes: readonly string[]): string | null {
	const chat = hashOf(chatId);
	let home: string | null = null;
	let highest = -1;
	for (const node of nodes) {
		const score = mixed(hashOf(node) ^ chat);
		if (score > highest || (score === highest && node > (home ?? ""))) [home, highest] = [node, score];
	}
	return home;
}

/** FNV-1a. */
function hashOf(text: string): number {
	let hash = 0x811c9dc5;
	for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
	return hash;
}

/** The end of MurmurHash3: from near numbers to far ones. */
function mixed(hash: number): number {
	let h = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
	h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
	return (h ^ (h >>> 16)) >>> 0;
}
