/** Every action there is. Doors, documentation and tests go through this list. */
import * as analytics from "./analytics.ts";
import * as auth from "./auth.ts";
import * as chats from "./chats.ts";
import type { ActionContract } from "./contract.ts";
import * as deadLetters from "./dead-letters.ts";
import * as gateway from "./gateway.ts";
import * as inbox from "./inbox.ts";
import * as kafka from "./kafka.ts";
import * as messages from "./messages.ts";
import * as presence from "./presence.ts";
import * as users from "./users.ts";

const isContract = (value: unknown): value is ActionContract =>
	typeof value === "object" && value !== null && "action" in value && "params" in value;

export const CONTRACTS: readonly ActionContract[] = [
	auth,
	users,
	chats,
	messages,
	inbox,
	presence,
	gateway,
	analytics,
	deadLetters,
	kafka,
]
	.flatMap(module => Object.values(module) as unknown[])
	.filter(isContract);

/** Those that a door opens. */
export const PUBLISHED = CONTRACTS.filter(contract => contract.visibility === "published");

export const OVER_REST = PUBLISHED.filter(contract => contract.rest !== undefined);
export const OVER_SOCKET = PUBLISHED.filter(contract => contract.socket !== undefined);
