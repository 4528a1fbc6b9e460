/** A small team that has been using Parley for a while. Telling it again changes nothing that is there. */
import * as chats from "../../contracts/chats.ts";
import * as messages from "../../contracts/messages.ts";
import { codeOf } from "../../lib/errors.ts";
import type { Doors } from "./doors.ts";
import { type Name, PEOPLE } from "./people.ts";
import { type Line, STORIES, type Story } from "./story.ts";
import type { Tally } from "./tally.ts";

const FOR_EVER = "2099-01-01T00:00:00.000Z";

type Ids = Record<Name, string>;

interface Scene {
	doors: Pick<Doors, "enter" | "ask">;
	ids: Ids;
	tally: Tally;
	chatId: string;
	/** Begins the keys of its lines. */
	key: string;
	/** Lines by the names that others call them by. */
	named: Map<string, string>;
}

/** Makes the people and their chats; answers with the ids of the people. */
export async function seedDemo(
	doors: Pick<Doors, "enter" | "ask">,
	tally: Tally,
	onStep: (share: number) => void,
): Promise<Ids> {
	const entries: [Name, string][] = [];
	for (const [username, displayName] of Object.entries(PEOPLE) as [Name, string][]) {
		const { id, isNew } = await doors.enter({ username, displayName });
		if (isNew) tally.people++;
		entries.push([username, id]);
	}
	const ids = Object.fromEntries(entries) as Ids;
	for (const [i, story] of STORIES.entries()) {
		await tell(doors, ids, tally, story);
		onStep((i + 1) / STORIES.length);
	}
	return ids;
}

async function tell(doors: Scene["doors"], ids: Ids, tally: Tally, story: Story): Promise<void> {
	const [maker, ...others] = story.people;
	const { name, type, description, announceOnly } = story;
	const key = `seed:${name ?? story.people.join("+")}`;
	const wish = {
		type,
		participantIds: others.map(person => ids[person]),
		clientId: key,
		...(name && { name }),
		...(description && { description }),
		...(announceOnly && { announceOnly }),
	};
	const chat = await unlessGone(doors.ask(ids[maker], chats.create, wish));
	if (!chat) return;
	tally.saw("chats", chat);
	for (const [person, role] of Object.entries(story.roles ?? {}) as [Name, "admin" | "moderator"][]) {
		const params = { chatId: chat.id, userId: ids[person], role };
		await unlessGone(doors.ask(ids[maker], chats.updateMember, params));
	}
	const seq = await speak({ doors, ids, tally, chatId: chat.id, key, named: new Map() }, story.lines);
	for (const person of story.readBy)
		await unlessGone(doors.ask(ids[person], messages.read, { chatId: chat.id, seq }));
	for (const person of story.mutedBy ?? [])
		await unlessGone(doors.ask(ids[person], chats.mute, { chatId: chat.id, until: FOR_EVER }));
}

/** Answers with the place of the last line. */
async function speak(scene: Scene, lines: Line[]): Promise<number> {
	const { doors, ids, tally, chatId, key, named } = scene;
	let lastSeq = 0;
	for (const [i, line] of lines.entries()) {
		const replyToId = line.replyTo && named.get(line.replyTo);
		const said = await unlessGone(
			doors.ask(ids[line.by], messages.send, {
				chatId,
				content: line.first ?? line.says,
				clientId: `${key}:${i}`,
				...(line.mentions && { mentions: line.mentions.map(person => ids[person]) }),
				...(replyToId && { replyToId }),
			}),
		);
		if (!said) continue;
		tally.saw("messages", said);
		lastSeq = said.seq;
		if (line.as) named.set(line.as, said.id);
		await follow(scene, line, said.id, i);
	}
	return lastSeq;
}

/** What happened to a line after it was said. */
async function follow({ doors, ids, tally, key }: Scene, line: Line, messageId: string, i: number) {
	const { by, says, first, deleted, pinnedBy, reactions = {}, thread } = line;
	if (first) await unlessGone(doors.ask(ids[by], messages.update, { messageId, content: says }));
	if (deleted) await unlessGone(doors.ask(ids[by], messages.remove, { messageId }));
	if (pinnedBy) await unlessGone(doors.ask(ids[pinnedBy], messages.pin, { messageId }));
	for (const [emoji, people] of Object.entries(reactions))
		for (const person of people)
			await unlessGone(doors.ask(ids[person], messages.react, { messageId, emoji }));
	const [opener] = thread ?? [];
	if (!thread || !opener) return;
	const made = await unlessGone(doors.ask(ids[opener.by], chats.thread, { messageId }));
	if (!made) return;
	tally.saw("chats", made);
	await speak({ doors, ids, tally, chatId: made.id, key: `${key}:${i}`, named: new Map() }, thread);
}

/** What people have since deleted, left or changed stays as they made it. */
async function unlessGone<T>(result: Promise<T>): Promise<T | null> {
	try {
		return await result;
	} catch (err) {
		if (["CONFLICT", "FORBIDDEN", "NOT_FOUND"].includes(codeOf(err) ?? "")) return null;
		throw err;
	}
}
