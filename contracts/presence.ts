import { action, internal } from "./contract.ts";
import * as field from "./fields.ts";
import { LIMITS } from "./limits.ts";

/** From the most to the least: a user is what their most active connection is. */
export const STATUSES = ["dnd", "online", "away", "offline"] as const;
export type Status = (typeof STATUSES)[number];

export interface Presence {
	userId: string;
	status: Status;
	text: string | null;
	lastSeenAt: string | null;
}

const statusText = { type: "string", max: LIMITS.statusTextMax, nullable: true, optional: true } as const;

export const set = action<Presence>()({
	action: "presence.set",
	doc: "Chooses one's status: over a socket for that connection, over REST for all, until the last connection closes.",
	rest: "PUT /presence",
	socket: "presence:set",
	ack: "presence",
	auth: "required",
	rate: "write",
	params: { $$strict: true, status: { type: "enum", values: STATUSES }, text: statusText },
});

export const heartbeat = action<Presence>()({
	action: "presence.heartbeat",
	doc: "Says that a user without a socket is here; `idle` says that they have not touched the device.",
	rest: "POST /presence/heartbeat",
	auth: "required",
	rate: "write",
	params: { $$strict: true, idle: { type: "boolean", optional: true } },
});

export const get = action<Presence>()({
	action: "presence.get",
	doc: "The presence of a user with whom the caller shares a chat; others are offline.",
	rest: "GET /presence/:userId",
	auth: "required",
	rate: "read",
	params: { $$strict: true, userId: field.id },
});

export const batch = action<{ items: Presence[] }>()({
	action: "presence.batch",
	doc: "The presence of several users.",
	rest: "POST /presence/batch",
	auth: "required",
	rate: "read",
	params: { $$strict: true, userIds: field.presenceUserIds },
});

export const online = action<{ items: Presence[] }>()({
	action: "presence.online",
	doc: "Those of the given users who are not offline; without `userIds`, of those with whom one shares a chat (200 at most).",
	socket: "user:get-online",
	ack: "users",
	auth: "required",
	rate: "read",
	params: { $$strict: true, userIds: { ...field.presenceUserIds, optional: true } },
});

/** Connections' leases: made on connect, renewed by each heartbeat, ended on close. */
export const leases = internal<Presence[]>()({
	action: "presence.leases",
	doc: "Makes, renews and ends leases of connections, in their order, and says what each user is then.",
	params: {
		$$strict: true,
		leases: {
			type: "array",
			max: 1_000,
			items: {
				type: "object",
				strict: true,
				props: {
					userId: field.id,
					connectionId: { type: "string", min: 1, max: 64 },
					idle: { type: "boolean", optional: true },
					ended: { type: "boolean", optional: true },
				},
			},
		},
	},
});

/** For services: no rights are checked. */
export const of = internal<Presence[]>()({
	action: "presence.of",
	doc: "The presence of users, whoever asks.",
	params: { $$strict: true, userIds: { type: "array", items: field.id, max: 1_000 } },
});
