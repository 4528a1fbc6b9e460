import type { ServiceBroker } from "moleculer";
import * as users from "../../../contracts/users.ts";
import { DEMO_PASSWORD, DEMO_PEOPLE } from "../../../lib/demo.ts";
import { newId } from "../../../lib/ids.ts";
import { call } from "../../../lib/moleculer.ts";
import { send } from "../rest/answer.ts";
import type { Page } from "../rest/index.ts";

const FOUND_MAX = 50;

/** Whom the web client signs in with one click. Mounted only where there is the demo, which is never in production. */
export const demoPages: Record<string, Page> = {
	"/dev/people.json": async (_req, res, { broker }) => {
		const people = Object.entries(DEMO_PEOPLE).map(async ([username, displayName]) => ({
			id: await idOf(broker, username),
			username,
			displayName,
		}));
		send(res, 200, JSON.stringify({ password: DEMO_PASSWORD, people: await Promise.all(people) }));
	},
};

/** Null until they have been made. */
async function idOf(broker: ServiceBroker, username: string): Promise<string | null> {
	const wish = { search: username, limit: FOUND_MAX };
	const { items } = await call(broker, users.list, wish, { meta: { user: { id: newId() } } });
	return items.find(user => user.username === username)?.id ?? null;
}
