/** The people of the demo. Their password is known to everybody who reads this, so they are for development only. */
export const DEMO_PASSWORD = "parley-demo";

/** Username → display name. */
export const DEMO_PEOPLE = {
	ann: "Ann Archer",
	ben: "Ben Brook",
	carla: "Carla Cole",
	david: "David Dunn",
	emma: "Emma Ember",
	farid: "Farid Frost",
} as const;

/** It answers with what it is told. */
export const DEMO_BOT = { username: "echo", displayName: "Echo Bot" } as const;
