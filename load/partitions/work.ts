/** What is done to both sides: what the product does with its messages, by its own statements. */
import { randomUUID } from "node:crypto";
import { newId } from "../../lib/ids.ts";
import type { Access } from "../../models/access.ts";
import { append, type Draft } from "../../services/messages/append.ts";
import { readChangedMessages } from "../../services/messages/catch-up.store.ts";
import { readByIds } from "../../services/messages/messages.store.ts";
import { readWanted } from "../../services/messages/pages.store.ts";
import { idOf, type Layout, userAt } from "../stage/layout.ts";
import type { Side } from "./sides.ts";

export interface Ground {
	layout: Layout;
	/** Messages in each chat at the beginning. */
	each: number;
	/** From 0 up to 1. */
	chance: () => number;
}

export interface Work {
	name: string;
	/** What a figure is of. */
	of: string;
	/** How often it is done in a turn, and how many of `of` each time has. */
	times: number;
	holds: number;
	run(side: Side, ground: Ground): Promise<unknown>;
	/** What a turn leaves that is no part of it. */
	after?(side: Side): Promise<unknown>;
}

const BATCH = 100;
const PAGE = 50;

const anyOf = (count: number, chance: () => number) => Math.floor(chance() * count);
const anyChat = ({ layout, chance }: Ground) => idOf("chat", anyOf(layout.chats, chance));
const anyPlace = ({ each, chance }: Ground) => PAGE + 1 + anyOf(each - PAGE, chance);

function draftIn(layout: Layout, chat: number): Draft {
	const access = {
		chatId: idOf("chat", chat),
		userId: idOf("user", userAt(layout, chat, 0)),
		isMember: true,
	};
	return {
		id: newId(),
		access: { parentChatId: null, parentMessageId: null, ...access } as Access,
		clientId: randomUUID(),
		type: "text",
		content: "x".repeat(128),
		metadata: {},
		replyToId: null,
		mentions: [],
		forwardedFromId: null,
		originalSenderId: null,
	};
}

export const WORK: Work[] = [
	{
		name: `a commit of ${BATCH} messages to as many chats`,
		of: "a message",
		times: 150,
		holds: BATCH,
		run({ log, db }, { layout, chance }) {
			const drafts = Array.from({ length: BATCH }, () => draftIn(layout, anyOf(layout.chats, chance)));
			return log.change(
				drafts.map(({ access }) => access.chatId),
				change => append(change, db.t, drafts),
			);
		},
		after: ({ client, db }) => client.query(`TRUNCATE ${db.t.outbox}`),
	},
	{
		name: `a page of ${PAGE} of a history`,
		of: "a page",
		times: 1_500,
		holds: 1,
		run: ({ db }, ground) =>
			readWanted(db.query, db.t, anyChat(ground), { before: anyPlace(ground), limit: PAGE }),
	},
	{
		name: `${PAGE} changes after a revision`,
		of: "a page",
		times: 1_500,
		holds: 1,
		run: ({ db }, ground) => {
			const since = ground.layout.size + anyPlace(ground) - PAGE;
			return readChangedMessages(db.query, db.t, [{ chatId: anyChat(ground), since, count: PAGE }]);
		},
	},
	{
		name: "a message by its id alone",
		of: "a message",
		times: 3_000,
		holds: 1,
		// Whether it is there makes no difference to the indexes that are looked through.
		run: ({ db }) => readByIds(db.query, db.t, [randomUUID()]),
	},
];

/** Edits one message in twenty, then collects what that left. @returns seconds of collecting */
export async function vacuum({ client, db }: Side): Promise<number> {
	await client.query(
		`UPDATE ${db.t.messages} SET content = content || '.', edited_at = now() WHERE seq % 20 = 0`,
	);
	await client.query("CHECKPOINT");
	const startedAt = performance.now();
	await client.query(`VACUUM ${db.t.messages}`);
	return (performance.now() - startedAt) / 1_000;
}
