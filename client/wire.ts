/** The contract's calls as types: what each socket event and REST path takes and gives. Nothing exists at run time. */
import type * as auth from "../contracts/auth.ts";
import type * as chats from "../contracts/chats.ts";
import type { ActionContract, Page, Params, Result } from "../contracts/contract.ts";
import type * as gateway from "../contracts/gateway.ts";
import type * as inbox from "../contracts/inbox.ts";
import type * as messages from "../contracts/messages.ts";
import type * as presence from "../contracts/presence.ts";
import type * as users from "../contracts/users.ts";

type Of<Module> = Extract<Module[keyof Module], Pick<ActionContract, "action" | "params">>;
type Contracts =
	| Of<typeof auth>
	| Of<typeof chats>
	| Of<typeof gateway>
	| Of<typeof inbox>
	| Of<typeof messages>
	| Of<typeof presence>
	| Of<typeof users>;

type Socketed = Extract<Contracts, { socket: string }>;
type Rested = Extract<Contracts, { rest: string }>;

/** What an acknowledgement carries beside `status`; a page's items stand under its name, the cursor beside them. */
type Ack<C> = C extends { ack: infer Name extends string }
	? Name extends "*"
		? Result<C>
		: Result<C> extends Page<infer T>
			? { [K in Name]: T[] } & { nextCursor: string | null }
			: { [K in Name]: Result<C> extends { items: infer T } ? T : Result<C> }
	: Record<never, never>;

export type SocketCalls = {
	[C in Socketed as C["socket"]]: { params: Params<C>; ack: Ack<C> };
};
export type SocketCall = <E extends keyof SocketCalls>(
	event: E,
	params: SocketCalls[E]["params"],
) => Promise<SocketCalls[E]["ack"]>;

export type RestCalls = {
	[C in Rested as C["rest"]]: { params: Params<C>; result: Result<C> };
};
/** `rest("POST /chats/:chatId/read", { chatId, seq })`: names of the path are filled from the params, the rest is query or body. */
export type RestCall = <R extends keyof RestCalls>(
	route: R,
	params: RestCalls[R]["params"],
) => Promise<RestCalls[R]["result"]>;

/** Calls that are repeated with their `clientId`. */
export type IdempotentRoute = Extract<Rested, { idempotent: true }>["rest"];
