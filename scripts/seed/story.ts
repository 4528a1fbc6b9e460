/** What the demo's people have said. Each line has a key of its own, so that telling it again adds nothing. */
import type { Name } from "./people.ts";

export interface Line {
	by: Name;
	says: string;
	/** A name by which later lines speak of this one. */
	as?: string;
	replyTo?: string;
	mentions?: Name[];
	/** What it said before it was edited. */
	first?: string;
	deleted?: true;
	pinnedBy?: Name;
	reactions?: Record<string, Name[]>;
	thread?: Line[];
}

export interface Story {
	/** The chat's name; a direct chat has none. */
	name: string | null;
	type: "direct" | "group" | "channel";
	description?: string;
	announceOnly?: boolean;
	/** Whoever makes it comes first. */
	people: [Name, ...Name[]];
	roles?: Partial<Record<Name, "admin" | "moderator">>;
	lines: Line[];
	/** Who has read to the end; what the others have not read stays unread. */
	readBy: Name[];
	mutedBy?: Name[];
}

export const STORIES: Story[] = [
	{
		name: "general",
		type: "channel",
		description: "Everything and nothing. Anyone may join.",
		people: ["ann", "ben", "carla", "david", "emma", "farid"],
		roles: { ben: "moderator" },
		lines: [
			{ by: "ann", says: "Welcome to Parley! Say hello, everybody.", pinnedBy: "ann" },
			{ by: "emma", says: "Hello from the train 🚆", reactions: { "👋": ["ann", "ben", "farid"] } },
			{ by: "farid", says: "Hi all, I am new here. Where is the coffee?", as: "coffee" },
			{
				by: "david",
				says: "Second floor, left of the lift.",
				replyTo: "coffee",
				reactions: { "☕": ["farid"] },
			},
		],
		readBy: ["ann", "ben", "david"],
		mutedBy: ["carla"],
	},
	{
		name: "announcements",
		type: "channel",
		description: "Only moderators write here; everybody reads, reacts and writes in threads.",
		announceOnly: true,
		people: ["ann", "ben", "carla", "david", "emma", "farid"],
		roles: { carla: "moderator" },
		lines: [
			{
				by: "carla",
				says: "The office is closed on Friday.",
				reactions: { "🎉": ["ben", "david", "emma"] },
				thread: [
					{ by: "emma", says: "All of Friday, or from noon?" },
					{ by: "carla", says: "All of it. Enjoy the long weekend!" },
				],
			},
		],
		readBy: ["ben", "carla", "emma"],
	},
	{
		name: "Launch",
		type: "group",
		description: "What is still to be done.",
		people: ["ann", "ben", "carla", "david"],
		roles: { ben: "admin", carla: "moderator" },
		lines: [
			{
				by: "ann",
				says: "The launch is on Thursday.",
				first: "The lunch is on Thursday.",
				pinnedBy: "carla",
			},
			{
				by: "ben",
				says: "The release notes are written. @carla, could you read them?",
				mentions: ["carla"],
				as: "notes",
				reactions: { "👍": ["ann", "carla", "david"] },
				thread: [
					{ by: "carla", says: "The third paragraph promises more than we have." },
					{ by: "ben", says: "True. I have cut it." },
					{ by: "carla", says: "Then they are fine." },
				],
			},
			{ by: "david", says: "Is this the right group?", deleted: true },
			{ by: "carla", says: "I shall read them tonight.", replyTo: "notes" },
			{ by: "david", says: "@ann the staging server is ready for you.", mentions: ["ann"] },
		],
		readBy: ["carla", "david"],
	},
	{
		name: null,
		type: "direct",
		people: ["ann", "ben"],
		lines: [
			{ by: "ben", says: "Did you see the new design?", as: "design" },
			{ by: "ann", says: "Yes. It is lovely.", replyTo: "design", reactions: { "❤️": ["ben"] } },
			{ by: "ben", says: "Shall we show it to the others today?" },
		],
		readBy: ["ben"],
	},
	{
		name: null,
		type: "direct",
		people: ["emma", "ann"],
		lines: [{ by: "emma", says: "Are you at your desk?" }],
		readBy: [],
	},
	{
		name: null,
		type: "direct",
		people: ["echo", "ann"],
		lines: [{ by: "echo", says: "Say something, and I say it again." }],
		readBy: ["echo"],
	},
];
