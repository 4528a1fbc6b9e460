import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import jwt from "jsonwebtoken";
import { PUBLISHED } from "../../contracts/index.ts";
import { contractOf, doorsOf, type Outcome, overRest, overSocket } from "../support/doors.ts";
import { goHome, ok, Person, person, urls } from "../support/people.ts";
import { ACTORS, type Actor, absent, ROWS, type Scene, WITHOUT_IDS } from "../support/rights-table.ts";
import type { TestSocket } from "../support/socket.ts";

type Signed = Exclude<Actor, "nobody">;
const SIGNED = ACTORS.filter((actor): actor is Signed => actor !== "nobody");

let cast: Record<Signed | "target" | "newcomer", Person>;
let sockets: Record<Signed, TestSocket>;
let homes: Pick<Scene, "ownChatId" | "ownMessageElsewhereId" | "sessionId">;

beforeAll(async () => {
	const names = [...SIGNED.filter(actor => actor !== "foreign"), "target", "newcomer"] as const;
	const made = await Promise.all(names.map(async name => [name, await person(name)] as const));
	cast = { ...Object.fromEntries(made), foreign: await foreigner() } as typeof cast;
	sockets = Object.fromEntries(
		await Promise.all(SIGNED.map(async actor => [actor, await cast[actor].sender()])),
	) as typeof sockets;
	homes = { ownChatId: {}, ownMessageElsewhereId: {}, sessionId: await aSessionOf(cast.target) };
	for (const actor of SIGNED) {
		const { id } = await cast[actor].chat({ type: "group", name: `${actor}'s` });
		homes.ownChatId[actor] = id;
		homes.ownMessageElsewhereId[actor] = (await cast[actor].say(id, "at home")).id;
	}
}, 60_000);

afterAll(goHome);

test("T2: every action that takes an id has a row", () => {
	const covered = new Set([...ROWS.map(({ action }) => action), ...WITHOUT_IDS]);
	expect(PUBLISHED.map(({ action }) => action).filter(action => !covered.has(action))).toEqual([]);
});

describe.each(ROWS.map(row => ({ ...row, name: `${row.action}${row.when ? `, ${row.when}` : ""}` })))(
	"$name",
	row => {
		test.each(doorsOf(contractOf(row.action)))(`T2: who may call ${row.name} over %s`, async door => {
			const contract = contractOf(row.action);
			const answers: Record<string, string> = {};
			let scene: Scene | null = null;
			for (const actor of door === "REST" ? ACTORS : SIGNED) {
				scene ??= await setScene();
				const ask = (params: Record<string, unknown>): Promise<Outcome> =>
					door === "REST"
						? overRest(
								urls()[0] as string,
								actor === "nobody" ? undefined : cast[actor].token,
								contract,
								params,
							)
						: overSocket(sockets[actor as Signed], contract, params);
				const params = row.params(scene, actor);
				const outcome = await ask(params);
				answers[actor] = outcome.code;
				// What was refused has changed nothing, and most else disturbs nobody.
				const spent = outcome.code === "ok" && row.spends;
				if (outcome.code === "NOT_FOUND")
					expect(shown(outcome)).toEqual(shown(await ask(absent(params, row.named))));
				if (spent) scene = null;
			}
			const expected = Object.fromEntries(row.answers.split(" ").map((code, i) => [ACTORS[i], code]));
			if (door !== "REST") delete expected.nobody;
			expect(answers).toEqual(expected);
		});
	},
);

/** What an answer shows, without what differs in each. */
function shown({ status, code, body }: Outcome) {
	const { traceId: _, details, ...rest } = body ?? {};
	return { status, code, rest, details: { ...details, traceId: undefined } };
}

/** A group in which everyone has their role, and has said something. */
async function setScene(): Promise<Scene> {
	const { owner, admin, moderator, member, silenced, former, target, newcomer } = cast;
	const insiders = { admin, moderator, member, silenced, former };
	const chat = await owner.group(...Object.values(insiders), target);
	const ownMessageId: Record<string, string> = {
		outsider: randomUUID(),
		foreign: randomUUID(),
		nobody: randomUUID(),
	};
	const messageId = (await target.say(chat.id, "by the target")).id;
	for (const [name, who] of Object.entries({ owner, ...insiders }))
		ownMessageId[name] = (await who.say(chat.id, `by ${name}`)).id;
	const patch = async (who: Person, body: unknown) =>
		ok(await owner.rest.patch(`/chats/${chat.id}/members/${who.id}`, body));
	await patch(admin, { role: "admin" });
	await patch(moderator, { role: "moderator" });
	await patch(silenced, { silencedUntil: new Date(Date.now() + 600_000).toISOString() });
	ok(await owner.rest.delete(`/chats/${chat.id}/members/${former.id}`));
	return { chatId: chat.id, target, newcomer, messageId, ownMessageId, ...homes };
}

async function aSessionOf(who: Person): Promise<string> {
	const { items } = ok<{ items: { id: string }[] }>(await who.rest.get("/auth/sessions"));
	return items[0]?.id as string;
}

/** A user of the host application, known by its token alone. */
async function foreigner(): Promise<Person> {
	const { issuer, audience, secret } = JSON.parse(process.env.PARLEY_FOREIGN_ISSUER as string);
	const token = jwt.sign({ name: "Fay" }, secret, {
		subject: randomUUID(),
		issuer,
		audience,
		expiresIn: "1h",
		algorithm: "HS256",
	});
	const stub = new Person({ id: "", username: "", password: "", token, refreshToken: "", urls: urls() });
	const { id, username } = ok<{ id: string; username: string }>(await stub.rest.get("/users/me"));
	return new Person({ id, username, password: "", token, refreshToken: "", urls: urls() });
}
