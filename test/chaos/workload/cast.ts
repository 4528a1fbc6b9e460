/** Who takes part: people of a host application in chats that all of them share, and one who comes and goes. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Chat } from "../../../contracts/chats.ts";
import type { User } from "../../../contracts/users.ts";
import { tokenOf } from "../../../load/stage/tokens.ts";

import { type Answer, api } from "../../support/http.ts";
import { ok, Person } from "../../support/people.ts";
import type { Stage } from "../stage.ts";

const NAMES = ["ann", "ben", "cem", "dan"] as const;
const GROUPS = 6;
const TRIES_MAX = 120;
const ANSWER_MS = 10_000;
const AGAIN_MS = 250;

export interface Cast {
	/** In every chat. */
	people: Person[];
	/** Comes into the channel and leaves it; has no device. */
	roamer: Person;
	chatIds: string[];
	/** Where the roamer comes and goes. */
	channelId: string;
}

export async function gather({ urls, installation: { secret } }: Stage): Promise<Cast> {
	// Whoever worked here before has chats of their own.
	const run = randomUUID().slice(0, 8);
	const enter = async (name: string) => {
		const token = tokenOf(secret, `${name} ${run}`);
		const { id } = ok<User>(await insist(() => api(urls[0] as string, token).get("/users/me")));
		return new Person({ id, username: name, password: "", token, refreshToken: "", urls });
	};
	const people = await Promise.all(NAMES.map(enter));
	const roamer = await enter("eve");
	const [ann] = people as [Person];
	const participantIds = people.slice(1).map(({ id }) => id);
	const make = async (type: string, n: number) => {
		const body = { type, name: `${type} ${n}`, participantIds };
		return ok<Chat>(
			await insist(() => ann.rest.post("/chats", body, { "idempotency-key": `${type} ${n} ${run}` })),
		).id;
	};
	const groups = await Promise.all(Array.from({ length: GROUPS }, (_, n) => make("group", n)));
	const channelId = await make("channel", 0);
	return { people, roamer, chatIds: [...groups, channelId], channelId };
}

/** Asks until the server is there for it. */
export async function insist<T>(ask: () => Promise<Answer<T>>): Promise<Answer<T>> {
	for (let tries = 1; ; tries++) {
		const answer = await Promise.race([ask().catch(() => null), sleep(ANSWER_MS, null)]);
		if (answer && answer.status < 500) return answer;
		if (tries >= TRIES_MAX) throw new Error(`The server is not there: ${answer?.status ?? "no answer"}.`);
		await sleep(AGAIN_MS);
	}
}
