import type { Readable } from "../api.ts";
import type { Parts } from "../parts.ts";
import type { Op, Work } from "./outbox.rules.ts";

/** SKELETON: the signatures are final, the bodies follow. */
export declare class Outbox {
	constructor(parts: Parts);
	/** How many operations wait, in all chats. */
	readonly waiting: Readable<number>;
	/** Reads what is stored, then sends whenever this tab holds the lock and the link is online. */
	start(): Promise<void>;
	/** All operations of a chat that wait, failed, or are done and not yet in its log, in the order of sending. */
	of(chatId: string): readonly Op[];
	/** After each change of a chat's operations. */
	on(listener: (chatId: string) => void): () => void;
	/** Up to where one has read with the marks that wait; 0 where none does. */
	readSeq(chatId: string): number;
	/** @throws ParleyError UNAVAILABLE where 1,000 wait already */
	add(chatId: string, key: string, work: Work): Op;
	retry(chatId: string, key: string): void;
	discard(chatId: string, key: string): void;
	/** The log of a chat has got so far: what is done up to it is forgotten. */
	reached(chatId: string, cursor: number, readSeq: number): void;
	/** Tries at once what waits. */
	flush(): void;
	/** Ends sending and gives the lock to another tab. */
	stop(): void;
}
