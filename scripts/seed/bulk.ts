/** Many users and messages, by the same doors as the demo's: each message is sent, and so is in the log and on Kafka. */
import * as chats from "../../contracts/chats.ts";
import { LIMITS } from "../../contracts/limits.ts";
import * as messages from "../../contracts/messages.ts";
import { AT_ONCE, type Doors, forEach } from "./doors.ts";
import type { Tally } from "./tally.ts";

export interface Bulk {
	users: number;
	messages: number;
}

const GROUP_SIZE = 20;
/** Passwords are hashed two at a time, so more would only wait. */
const REGISTRATIONS_AT_ONCE = 8;
const WORDS = "the release notes are ready for review when you have a minute to look at our plan".split(" ");

interface Room {
	id: string;
	memberIds: string[];
}

/** One channel with all of them and groups of twenty; the messages go round. */
export async function seedBulk(
	doors: Doors,
	tally: Tally,
	{ users, messages: count }: Bulk,
	onStep: (what: string, share: number) => void,
): Promise<void> {
	const ids = await signUp(doors, tally, users, share => onStep("users", share));
	const rooms = await makeRooms(doors, tally, ids);
	let done = 0;
	await forEach(range(count), async n => {
		const room = rooms[n % rooms.length] as Room;
		const place = Math.floor(n / rooms.length);
		const senderId = room.memberIds[place % room.memberIds.length] as string;
		const params = { chatId: room.id, content: sentence(n), clientId: `seed:${place}` };
		tally.saw("messages", await doors.ask(senderId, messages.send, params));
		if (++done % AT_ONCE === 0) onStep("messages", done / count);
	});
}

async function signUp(doors: Doors, tally: Tally, count: number, onStep: (share: number) => void) {
	const ids: string[] = [];
	let done = 0;
	await forEach(
		range(count),
		async n => {
			const number = String(n + 1).padStart(5, "0");
			const newcomer = { username: `seed.${number}`, displayName: `Seed ${number}` };
			const { id, isNew } = await doors.enter(newcomer);
			ids[n] = id;
			if (isNew) tally.people++;
			onStep(++done / count);
		},
		REGISTRATIONS_AT_ONCE,
	);
	return ids;
}

async function makeRooms(doors: Doors, tally: Tally, ids: string[]): Promise<Room[]> {
	const rooms = [await makeRoom(doors, tally, "channel", "Seed: everyone", ids)];
	for (let i = 0; i < ids.length; i += GROUP_SIZE) {
		const name = `Seed: group ${i / GROUP_SIZE + 1}`;
		rooms.push(await makeRoom(doors, tally, "group", name, ids.slice(i, i + GROUP_SIZE)));
	}
	return rooms;
}

/** A chat is made with so many members at most; the rest are added, those who are in already for nothing. */
async function makeRoom(
	doors: Doors,
	tally: Tally,
	type: "channel" | "group",
	name: string,
	memberIds: string[],
): Promise<Room> {
	const [makerId = "", ...others] = memberIds;
	const participantIds = others.slice(0, LIMITS.participantsMax);
	const wish = { type, name, participantIds, clientId: `seed:${name}` };
	const chat = await doors.ask(makerId, chats.create, wish);
	tally.saw("chats", chat);
	for (let i = 0; i < others.length; i += LIMITS.userIdsMax) {
		const userIds = others.slice(i, i + LIMITS.userIdsMax);
		if (chat.memberCount < memberIds.length)
			await doors.ask(makerId, chats.addMembers, { chatId: chat.id, userIds });
	}
	return { id: chat.id, memberIds };
}

function* range(count: number): Generator<number> {
	for (let n = 0; n < count; n++) yield n;
}

/** Of different lengths, and the same each time. */
function sentence(n: number): string {
	const length = 3 + (n % 12);
	return Array.from({ length }, (_, i) => WORDS[(n + i * 5) % WORDS.length]).join(" ");
}
