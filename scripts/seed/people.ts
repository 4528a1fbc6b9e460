import { DEMO_BOT, DEMO_PASSWORD, DEMO_PEOPLE } from "../../lib/demo.ts";

export const PASSWORD = DEMO_PASSWORD;

/** Username → display name. The bot comes last: where it is, all others are. */
export const PEOPLE = { ...DEMO_PEOPLE, [DEMO_BOT.username]: DEMO_BOT.displayName };

export type Name = keyof typeof PEOPLE;

/** An account to sign up. */
export interface Newcomer {
	username: string;
	displayName: string;
}

/** `example` is a domain that nobody can ever own. */
export const emailOf = (username: string): string => `${username}@parley.example`;
