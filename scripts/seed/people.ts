/** The people of the demo. Their password is known to everybody who reads this, so they are for development only. */
export const PASSWORD = "parley-demo";

/** Username → display name. */
export const PEOPLE = {
	ann: "Ann Archer",
	ben: "Ben Brook",
	carla: "Carla Cole",
	david: "David Dunn",
	emma: "Emma Ember",
	farid: "Farid Frost",
} as const;

export type Name = keyof typeof PEOPLE;

/** An account to sign up. */
export interface Newcomer {
	username: string;
	displayName: string;
}

/** `example` is a domain that nobody can ever own. */
export const emailOf = (username: string): string => `${username}@parley.example`;
