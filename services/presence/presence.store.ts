import type { Changed, Edit, UserRecord } from "./presence.rules.ts";

/** What presence asks of storage. The store owns the clock: nodes' own clocks may differ. */
export interface PresenceStore {
	/** Reads, edits, settles and writes one record, with nobody in between. Never throws: see the forms. */
	update(userId: string, edit: Edit): Promise<Changed>;
	/** The settled records of users, in the order asked for. */
	readMany(userIds: readonly string[]): Promise<UserRecord[]>;
	/** Users of whom a lease has ended. Of all nodes that ask, one gets each. */
	due(max: number): Promise<string[]>;
	/** Users of whom others may have been told wrongly, or not at all: they are settled and told as they are. */
	doubtful(max: number): string[];
	close(): void;
}
