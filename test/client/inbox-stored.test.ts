import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { Client } from "../../client/api.ts";
import type { Chat } from "../../contracts/chats.ts";
import { clientOf, endClients, enter, newBrowser, until } from "../support/clients.ts";
import { type Person, people } from "../support/people.ts";

const CHATS = 215;
const LIMIT_MS = 120_000;

let ann: Person;
let ben: Person;
let chats: Chat[];

/** More chats than are kept, the first of them a direct one that nobody has used since. */
beforeEach(async () => {
	[ann, ben] = await people("ann", "ben");
	chats = [await ann.direct(ben)];
	await ben.say(chats[0]?.id as string, "long ago", { mentions: [ann.id] });
	while (chats.length < CHATS)
		chats.push(...(await Promise.all(Array.from({ length: 20 }, () => ben.group(ann)))));
}, LIMIT_MS);

afterEach(endClients);

const ids = (client: Client) => client.inbox.get().items.map(({ chat }) => chat.id);
const noNetwork = () => Promise.reject(new Error("There is no network."));

test(
	"a long inbox is kept in part, counted in full, and loaded on where it was cut",
	async () => {
		const tab = newBrowser();
		const first = await enter(ann, { platform: tab(), account: "ann" });
		expect(first.inbox.get()).toMatchObject({ totalUnread: 1, hasMore: true });
		while (first.inbox.get().hasMore) await first.loadMoreChats();
		const all = ids(first);
		expect(new Set(all).size).toBe(chats.length);
		await new Promise(done => setTimeout(done, 1_500)); // it is stored a moment later
		first.disconnect();

		const offline = clientOf(ann, { platform: tab(), account: "ann", token: noNetwork });
		offline.connect();
		await until(offline.inbox, ({ loaded }) => loaded);
		expect(offline.inbox.get()).toMatchObject({ totalUnread: 1, hasMore: true });
		expect(ids(offline)).toEqual(all.slice(0, 200));
		offline.disconnect();

		await ben.say(all[210] as string, "news from far below");
		const again = await enter(ann, { platform: tab(), account: "ann" });
		await until(again.inbox, ({ totalUnread }) => totalUnread === 2);
		expect(ids(again)[0]).toBe(all[210]);
		while (again.inbox.get().hasMore) await again.loadMoreChats();
		expect(ids(again)).toEqual([all[210], ...all.filter(id => id !== all[210])]);
		expect(again.inbox.get()).toMatchObject({ totalUnread: 2, totalMentions: 1 });
	},
	LIMIT_MS,
);

test(
	"making a direct chat that is there already reaches it, however far below",
	async () => {
		const client = await enter(ann);
		const [direct] = chats as [Chat];
		expect(ids(client)).not.toContain(direct.id);
		const chat = await client.createChat({ participantIds: [ben.id] });
		expect(chat.id).toBe(direct.id);
		const entry = client.inbox.get().items.find(item => item.chat.id === direct.id);
		expect(entry).toMatchObject({ unread: 1, mentions: 1 });
	},
	LIMIT_MS,
);
