import { BoundedMap } from "../../lib/bounded-map.ts";
import { NEW_USER, nextEnd, settle, type UserRecord } from "./presence.rules.ts";
import type { PresenceStore } from "./presence.store.ts";

/** Who has no connection is remembered for the time they were last seen, up to this many. */
const GONE_MAX = 50_000;

/** One node's presence. `now` is for tests. */
export function memoryStore(now: () => number = Date.now): PresenceStore {
	const here = new Map<string, UserRecord>();
	const gone = new BoundedMap<string, UserRecord>(GONE_MAX);
	const read = (userId: string) => here.get(userId) ?? gone.get(userId) ?? NEW_USER;

	function write(userId: string, record: UserRecord) {
		here.delete(userId);
		gone.delete(userId);
		if (nextEnd(record) !== null) here.set(userId, record);
		else if (record.lastSeenAt !== null) gone.set(userId, record);
	}

	return {
		async update(userId, edit) {
			const before = read(userId);
			const after = settle(edit(before, now()), now());
			write(userId, after);
			return { before, after };
		},

		async readMany(userIds) {
			return userIds.map(userId => settle(read(userId), now()));
		},

		async due(max) {
			const ended: string[] = [];
			for (const [userId, record] of here) {
				if (ended.length >= max) break;
				if ((nextEnd(record) ?? Number.POSITIVE_INFINITY) <= now()) ended.push(userId);
			}
			return ended;
		},

		doubtful: () => [],

		close() {
			here.clear();
			gone.clear();
		},
	};
}
