import type { ConnectionStatus } from "../api.ts";
import type { Effect } from "./connection.rules.ts";

/** A line of the table in the documentation, which the tests try one by one. */
export interface Transition {
	from: ConnectionStatus;
	/** What happens. */
	on: string;
	to: ConnectionStatus;
	does?: Effect[];
	/** What a reader should know of it. */
	note?: string;
}

/** Every transition of a connection. */
export const TRANSITIONS = [
	{ from: "idle", on: "connect()", to: "connecting", does: ["open"] },
	{ from: "idle", on: "connect() without a network", to: "offline", does: ["open"] },
	{ from: "connecting", on: "connected", to: "online" },
	{ from: "connecting", on: "no answer", to: "connecting", note: "Tries again after a back-off." },
	{ from: "connecting", on: "15 s without an answer", to: "unreachable" },
	{ from: "connecting", on: "no network", to: "offline" },
	{ from: "connecting", on: "token refused", to: "connecting", does: ["open"], note: "With a fresh token." },
	{ from: "connecting", on: "fresh token refused", to: "signed-out", does: ["drop"] },
	{
		from: "connecting",
		on: "fresh token has expired",
		to: "connecting",
		note: "Tries again after a back-off.",
	},
	{ from: "connecting", on: "the only token refused", to: "signed-out", does: ["drop"] },
	{ from: "connecting", on: "disconnect()", to: "idle", does: ["drop"] },
	{ from: "online", on: "connection lost", to: "resuming", note: "Tries again within 500 ms." },
	{ from: "online", on: "device woke up", to: "online", does: ["check"] },
	{
		from: "online",
		on: "server:draining",
		to: "online",
		note: "After `reconnectIn` a second socket is opened; when it is up, the first one goes.",
	},
	{ from: "online", on: "reconnectIn passed", to: "online", does: ["open"] },
	{ from: "online", on: "no network", to: "offline", does: ["drop", "open"] },
	{ from: "online", on: "disconnect()", to: "idle", does: ["drop"] },
	{ from: "resuming", on: "connected", to: "online" },
	{ from: "resuming", on: "wait passed", to: "resuming", does: ["open"] },
	{ from: "resuming", on: "5 s passed", to: "reconnecting" },
	{ from: "resuming", on: "no network", to: "offline" },
	{ from: "resuming", on: "disconnect()", to: "idle", does: ["drop"] },
	{ from: "reconnecting", on: "connected", to: "online" },
	{ from: "reconnecting", on: "15 s without an answer", to: "unreachable" },
	{ from: "reconnecting", on: "RATE_LIMITED", to: "reconnecting", note: "Tries again after `retryAfter`." },
	{ from: "reconnecting", on: "no network", to: "offline" },
	{ from: "reconnecting", on: "fresh token refused", to: "signed-out", does: ["drop"] },
	{ from: "reconnecting", on: "connect()", to: "reconnecting", does: ["open"], note: "Ends the wait." },
	{ from: "reconnecting", on: "device woke up", to: "reconnecting", does: ["open"], note: "Ends the wait." },
	{ from: "reconnecting", on: "disconnect()", to: "idle", does: ["drop"] },
	{ from: "unreachable", on: "connected", to: "online" },
	{ from: "unreachable", on: "SERVER_FULL", to: "reconnecting", note: "A refusal is an answer." },
	{ from: "unreachable", on: "no network", to: "offline" },
	{ from: "unreachable", on: "disconnect()", to: "idle", does: ["drop"] },
	{
		from: "offline",
		on: "network is back",
		to: "reconnecting",
		does: ["open"],
		note: "Within 5 s: `resuming`.",
	},
	{ from: "offline", on: "connected", to: "online", note: "The device was wrong." },
	{ from: "offline", on: "no answer", to: "offline", note: "Tries again within 20 s." },
	{ from: "offline", on: "disconnect()", to: "idle", does: ["drop"] },
	{ from: "signed-out", on: "connect()", to: "connecting", does: ["open"] },
	{ from: "signed-out", on: "disconnect()", to: "idle", does: ["drop"] },
] as const satisfies readonly Transition[];
