import "../support/env.ts";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import * as chats from "../../contracts/chats.ts";
import { newId } from "../../lib/ids.ts";
import chatsService from "../../services/chats/chats.service.ts";
import { codeOf, testBroker } from "../support/broker.ts";
import { givenMessage } from "../support/rows.ts";

let t: Awaited<ReturnType<typeof testBroker>>;

beforeAll(async () => {
	t = await testBroker(chatsService);
});

afterAll(() => t.stop());

const ACTORS = ["owner", "admin", "moderator", "member", "former", "stranger"] as const;
type Actor = (typeof ACTORS)[number];
const PLACES = ["group", "channel", "direct", "thread of group", "thread of direct"] as const;
type Place = (typeof PLACES)[number];

interface Cast {
	chatId: string;
	ids: Record<Actor, string>;
	/** A plain member on whom the others act. */
	victim: string;
	newcomer: string;
}

/** A fresh place with one of each; in a direct chat all who are in it are just `member`. */
async function castFor(place: Place): Promise<Cast> {
	const users = await Promise.all(Array.from({ length: 8 }, () => t.user()));
	const [owner, admin, moderator, member, former, stranger, victim, newcomer] = users as [
		string,
		string,
		string,
		string,
		string,
		string,
		string,
		string,
	];
	const ids = { owner, admin, moderator, member, former, stranger };
	const as = t.as(owner);
	const isDirect = place.endsWith("direct");
	const parent = isDirect
		? await as(chats.create, { participantIds: [member] })
		: await as(chats.create, {
				type: place === "channel" ? "channel" : "group",
				name: "Here",
				participantIds: [admin, moderator, member, former, victim],
			});
	if (!isDirect) {
		await as(chats.updateMember, { chatId: parent.id, userId: admin, role: "admin" });
		await as(chats.updateMember, { chatId: parent.id, userId: moderator, role: "moderator" });
		await as(chats.removeMember, { chatId: parent.id, userId: former });
	}
	if (!place.startsWith("thread"))
		return { chatId: parent.id, ids, victim: isDirect ? member : victim, newcomer };
	const messageId = await givenMessage(t.db, parent.id, owner);
	const thread = await as(chats.thread, { messageId });
	const followers = isDirect ? [member] : [admin, moderator, member, victim];
	for (const userId of followers) await t.as(userId)(chats.join, { chatId: thread.id });
	if (!isDirect) await as(chats.addMembers, { chatId: parent.id, userIds: [newcomer] });
	return { chatId: thread.id, ids, victim: isDirect ? member : victim, newcomer };
}

type Cell = "ok" | "FORBIDDEN" | "NOT_FOUND" | "CONFLICT";

const DO: Record<string, (actor: string, cast: Cast) => Promise<unknown>> = {
	get: (me, { chatId }) => t.as(me)(chats.get, { chatId }),
	members: (me, { chatId }) => t.as(me)(chats.members, { chatId }),
	mute: (me, { chatId }) => t.as(me)(chats.mute, { chatId, until: null }),
	update: (me, { chatId }) => t.as(me)(chats.update, { chatId, name: newId() }),
	addMembers: (me, { chatId, newcomer }) => t.as(me)(chats.addMembers, { chatId, userIds: [newcomer] }),
	silence: (me, { chatId, victim }) =>
		t.as(me)(chats.updateMember, { chatId, userId: victim, silencedUntil: "2099-01-01T00:00:00Z" }),
	changeRole: (me, { chatId, victim }) =>
		t.as(me)(chats.updateMember, { chatId, userId: victim, role: "moderator" }),
	handOver: (me, { chatId, victim }) =>
		t.as(me)(chats.updateMember, { chatId, userId: victim, role: "owner" }),
	removeMember: (me, { chatId, victim }) => t.as(me)(chats.removeMember, { chatId, userId: victim }),
	remove: (me, { chatId }) => t.as(me)(chats.remove, { chatId }),
	leave: (me, { chatId }) => t.as(me)(chats.leave, { chatId }),
	join: (me, { chatId }) => t.as(me)(chats.join, { chatId }),
};

/** Of each action for owner, admin, moderator, member, former member, stranger: what they get. */
const row = (cells: string): Record<Actor, Cell> => {
	const words: Record<string, Cell> = { o: "ok", F: "FORBIDDEN", N: "NOT_FOUND", C: "CONFLICT" };
	return Object.fromEntries(ACTORS.map((actor, i) => [actor, words[cells[i] ?? ""]])) as Record<Actor, Cell>;
};

const GROUP = {
	get: row("ooooNN"),
	members: row("ooooNN"),
	mute: row("ooooNN"),
	update: row("ooFFNN"),
	addMembers: row("ooFFNN"),
	silence: row("oooFNN"),
	changeRole: row("ooFFNN"),
	handOver: row("oFFFNN"),
	removeMember: row("ooFFNN"),
	remove: row("oFFFNN"),
	leave: row("CoooNN"),
	join: row("ooooNN"),
};

const TABLE: Record<Place, Record<string, Record<Actor, Cell>>> = {
	group: GROUP,
	// A channel is seen by all, though not from inside.
	channel: {
		get: row("oooooo"),
		members: row("ooooFF"),
		mute: row("ooooFF"),
		update: row("ooFFFF"),
		addMembers: row("ooFFFF"),
		silence: row("oooFFF"),
		changeRole: row("ooFFFF"),
		handOver: row("oFFFFF"),
		removeMember: row("ooFFFF"),
		remove: row("oFFFFF"),
		leave: row("CoooFF"),
		join: row("ooooFo"),
	},
	"thread of group": { ...GROUP, leave: row("ooooNN"), changeRole: row("CCFFNN"), handOver: row("CCFFNN") },
	direct: {
		get: row("oNNoNN"),
		members: row("oNNoNN"),
		mute: row("oNNoNN"),
		update: row("FNNFNN"),
		addMembers: row("FNNFNN"),
		silence: row("FNNFNN"),
		changeRole: row("FNNFNN"),
		handOver: row("FNNFNN"),
		removeMember: row("FNNFNN"),
		remove: row("FNNFNN"),
		leave: row("FNNFNN"),
		join: row("oNNoNN"),
	},
	"thread of direct": {
		get: row("oNNoNN"),
		members: row("oNNoNN"),
		mute: row("oNNoNN"),
		update: row("FNNFNN"),
		addMembers: row("FNNFNN"),
		silence: row("FNNFNN"),
		changeRole: row("FNNFNN"),
		handOver: row("FNNFNN"),
		// Removing oneself is leaving, which in a thread is unfollowing it.
		removeMember: row("FNNoNN"),
		remove: row("FNNFNN"),
		leave: row("oNNoNN"),
		join: row("oNNoNN"),
	},
};

describe.each(PLACES)("T2: what each may do in a %s", place => {
	test.each(Object.keys(DO))("%s", async action => {
		const expected = TABLE[place][action];
		// Each acts in a place of their own: what one does must not decide what the next may.
		const got = await Promise.all(
			ACTORS.map(async actor => {
				const cast = await castFor(place);
				return [actor, await codeOf((DO[action] as (typeof DO)[string])(cast.ids[actor], cast))];
			}),
		);
		expect(Object.fromEntries(got)).toEqual(expected);
	});
});

test("T2: a chat that one may not see answers as one that does not exist", async () => {
	const { chatId, ids } = await castFor("group");
	const answer = async (id: string) =>
		t
			.as(ids.stranger)(chats.get, { chatId: id })
			.catch(err => ({ code: err.code, type: err.type, message: err.message, data: err.data }));
	expect(await answer(chatId)).toEqual(await answer(newId()));
});
