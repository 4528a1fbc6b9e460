/** The table of topics, as `docs/kafka.md` shows it. */
import { CHANGES } from "./changes.ts";
import { TOPICS, type Topic } from "./kafka.ts";

interface TopicDoc {
	key: "chat" | "user" | "as the record it is about";
	/** What `data` holds, beside `actorId`, and `rev` and `seq` where there are any. */
	data: string;
	when: string;
	bestEffort?: true;
}

const TOPIC_DOCS = {
	"message.created": { key: "chat", data: "Message", when: "a message was sent, or came by forwarding" },
	"message.updated": { key: "chat", data: "Message", when: "its words were changed" },
	"message.deleted": { key: "chat", data: "Message", when: "it was deleted: `content` is null" },
	"message.pinned": { key: "chat", data: "Message", when: "it was pinned" },
	"message.unpinned": { key: "chat", data: "Message", when: "it was unpinned" },
	"message.forwarded": {
		key: "chat",
		data: "Message",
		when: "it came by forwarding; follows its `message.created`",
	},
	"message.read": { key: "chat", data: "ReadMark", when: "a member's read mark moved" },
	"message.reacted": { key: "chat", data: "Message", when: "a reaction came or went" },
	"chat.created": { key: "chat", data: "Chat", when: "a chat was made" },
	"chat.updated": {
		key: "chat",
		data: "Chat, or Member where a role or silence changed",
		when: "a chat was changed",
	},
	"chat.deleted": { key: "chat", data: "Chat", when: "a chat was deleted" },
	"user.registered": { key: "user", data: "User", when: "an account was made" },
	"user.updated": { key: "user", data: "User", when: "a profile was changed" },
	"user.joined.chat": {
		key: "chat",
		data: "Member",
		when: "somebody joined, was added, or was there from the start",
	},
	"user.left.chat": { key: "chat", data: "Member", when: "somebody left or was removed" },
	"user.online": {
		key: "user",
		data: "Presence",
		when: "the first connection of a user opened",
		bestEffort: true,
	},
	"user.offline": { key: "user", data: "Presence", when: "the last one closed", bestEffort: true },
	"user.typing": {
		key: "chat",
		data: "Typing",
		when: "somebody began to type, once a burst",
		bestEffort: true,
	},
	"analytics.message": {
		key: "chat",
		data: "MessageFigures",
		when: "a message was counted; without its words",
	},
	"analytics.user.activity": {
		key: "user",
		data: "UserActivity",
		when: "a user did something, once an hour",
	},
	"audit.log": {
		key: "as the record it is about",
		data: "AuditRow",
		when: "a row was added to the audit log",
	},
	"notification.send": {
		key: "chat",
		data: "Notification",
		when: "offline members are to be told of a message; ids only",
	},
	"chat.events": {
		key: "chat",
		data: "as the event's `type` says",
		when: "anything happened in a chat: all `message.*`, `chat.*`, `user.joined.chat` and `user.left.chat` in one order",
	},
	"dead.letter": {
		key: "as the record it is about",
		data: "DeadLetter",
		when: "an event could not be published or applied",
	},
} as const satisfies Record<Topic, TopicDoc>;

/** Markdown, one row a topic, without the installation's prefix. */
export function topicsTable(): string {
	const ordered = new Set<string>(Object.values(CHANGES).map(({ type }) => type));
	const rows = TOPICS.map(topic => {
		const { key, data, when, ...rest } = TOPIC_DOCS[topic] as TopicDoc;
		const promise = rest.bestEffort ? "best effort" : "at least once";
		const twin = ordered.has(topic) && key === "chat" ? " and `chat.events`" : "";
		return `| \`${topic}\`${twin} | ${key} | ${data} | ${when} | ${promise} |`;
	});
	return ["| topic | key | data | when | delivery |", "| --- | --- | --- | --- | --- |", ...rows].join("\n");
}
