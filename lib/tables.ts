/** Table names by what the code calls them. */
const NAMES = {
	users: "users",
	sessions: "sessions",
	chats: "chats",
	heads: "chat_heads",
	members: "members",
	messages: "messages",
	reactions: "reactions",
	mentions: "mentions",
	forwards: "forwards",
	outbox: "outbox",
	lanes: "outbox_lanes",
	relays: "outbox_relays",
	consumed: "consumer_offsets",
	seen: "consumer_seen",
	analyticsCounts: "analytics_counts",
	analyticsActive: "analytics_active",
	audit: "audit_log",
	deadLetters: "dead_letters",
} as const;

export type Tables = Record<keyof typeof NAMES, string>;

/** Each table with its schema, quoted. Schema-qualified names need no search_path, which a pooler may not keep. */
export function tablesOf(schema: string): Tables {
	return Object.fromEntries(
		Object.entries(NAMES).map(([key, name]) => [key, `"${schema}"."${name}"`]),
	) as Tables;
}
