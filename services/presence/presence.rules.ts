import type { Presence, Status } from "../../contracts/presence.ts";
import { byIds } from "../../lib/by-ids.ts";

/** One connection's hold on its user's presence. Times are ms since the epoch, by the store's clock. */
export interface Lease {
	endsAt: number;
	idle: boolean;
	/** What the user chose on this connection. */
	chosen: Status | null;
	/** It only stands until a connection comes: a closed one's last seconds, or a choice made without any. */
	passing: boolean;
}

export interface UserRecord {
	leases: Record<string, Lease>;
	/** What the user chose for all connections. */
	chosen: Status | null;
	text: string | null;
	/** What everyone was last told. */
	told: { status: Status; text: string | null };
	/** When they were last told that the user is offline. */
	lastSeenAt: number | null;
}

export type Edit = (user: UserRecord, now: number) => UserRecord;

export interface Changed {
	before: UserRecord;
	after: UserRecord;
}

export const NEW_USER: UserRecord = {
	leases: {},
	chosen: null,
	text: null,
	told: { status: "offline", text: null },
	lastSeenAt: null,
};

/** After a clean close the user stays for this long: who reloads a page was never away. */
export const LINGER_MS = 2_500;

/** More connections than this are one user's fault, and the oldest lease makes room. */
const LEASES_MAX = 50;

const RANK: Record<Status, number> = { dnd: 3, online: 2, away: 1, offline: 0 };

/** What one connection is: "online" says that the user is here, unless they have not touched the device. */
function statusOf({ idle, chosen }: Lease, forAll: Status | null): Status {
	const wanted = chosen ?? forAll ?? "online";
	return wanted === "online" && idle ? "away" : wanted;
}

/** Drops ended leases, then derives what everyone is to be told. With the last lease goes what was chosen. */
export function settle(user: UserRecord, now: number): UserRecord {
	const live = Object.entries(user.leases).filter(([, lease]) => lease.endsAt > now);
	const status = live
		.map(([, lease]) => statusOf(lease, user.chosen))
		.reduce<Status>((most, next) => (RANK[next] > RANK[most] ? next : most), "offline");
	const wentOffline = user.told.status !== "offline" && status === "offline";
	const chosen = live.length > 0 ? { chosen: user.chosen, text: user.text } : { chosen: null, text: null };
	return {
		leases: byIds(live),
		...chosen,
		// Who chose to be invisible looks like one who is gone.
		told: { status, text: status === "offline" ? null : chosen.text },
		lastSeenAt: wentOffline ? now : user.lastSeenAt,
	};
}

/** What a lease is made or renewed with; what is undefined stays as it was. */
export interface LeaseWish {
	ttlMs: number;
	idle?: boolean;
	chosen?: Status;
	text?: string | null;
	passing?: boolean;
}

export function withLease(id: string, wish: LeaseWish): Edit {
	return (user, now) => {
		const held = user.leases[id];
		const before = held?.passing ? undefined : held;
		const lease: Lease = {
			endsAt: now + wish.ttlMs,
			idle: wish.idle ?? before?.idle ?? false,
			chosen: wish.chosen ?? before?.chosen ?? null,
			passing: wish.passing ?? false,
		};
		const others = Object.entries(user.leases)
			.filter(([other, { passing }]) => other !== id && !passing)
			.sort(([, a], [, b]) => b.endsAt - a.endsAt)
			.slice(0, LEASES_MAX - 1);
		const text = wish.text === undefined ? user.text : wish.text;
		return { ...user, text, leases: byIds([...others, [id, lease]]) };
	};
}

/** Ends a lease. The last one lingers. */
export function withoutLease(id: string): Edit {
	return (user, now) => {
		const { [id]: ended, ...others } = user.leases;
		if (!ended) return user;
		if (Object.values(others).some(lease => lease.endsAt > now)) return { ...user, leases: others };
		const lingering = { ...ended, endsAt: Math.min(ended.endsAt, now + LINGER_MS), passing: true };
		return { ...user, leases: { [id]: lingering } };
	};
}

/** A choice for all connections, in place of what was chosen on any of them. Who chooses is not idle. */
export function withChoice(status: Status, text: string | null | undefined): Edit {
	return user => ({
		...user,
		chosen: status,
		text: text === undefined ? user.text : text,
		leases: byIds(
			Object.entries(user.leases).map(([id, lease]) => [id, { ...lease, chosen: null, idle: false }]),
		),
	});
}

export const hasLease = (user: UserRecord, now: number): boolean =>
	Object.values(user.leases).some(lease => lease.endsAt > now);

/** When this record has to be looked at again, or null where nothing ends. */
export function nextEnd(user: UserRecord): number | null {
	const ends = Object.values(user.leases).map(lease => lease.endsAt);
	return ends.length > 0 ? Math.min(...ends) : null;
}

/** Whether others have to be told. */
export const isTransition = ({ before, after }: Changed): boolean =>
	before.told.status !== after.told.status || before.told.text !== after.told.text;

export function present(userId: string, { told, lastSeenAt }: UserRecord): Presence {
	return { userId, ...told, lastSeenAt: lastSeenAt === null ? null : new Date(lastSeenAt).toISOString() };
}

/** Someone whose presence is none of the asker's business, or of whom nothing is known. */
export const unknown = (userId: string): Presence => ({
	userId,
	status: "offline",
	text: null,
	lastSeenAt: null,
});
