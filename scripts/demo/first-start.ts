/** The demo in a database that nobody uses yet: in the background, through the services of the node that just started. */
import type { ServiceBroker } from "moleculer";
import * as inbox from "../../contracts/inbox.ts";
import * as users from "../../contracts/users.ts";
import { DEMO_BOT } from "../../lib/demo.ts";
import { newId } from "../../lib/ids.ts";
import { call } from "../../lib/moleculer.ts";
import type { Say } from "../node/say.ts";
import { seedDemo } from "../seed/demo.ts";
import { doorsOf } from "../seed/doors.services.ts";
import { PASSWORD, PEOPLE } from "../seed/people.ts";
import { Tally } from "../seed/tally.ts";

const FOUND_MAX = 200;
const as = (id: string) => ({ meta: { user: { id } } });

/**
 * Makes what is missing of the demo where nobody but its people is, also where an earlier start was ended in the midst
 * of it. Resolves with whether its bot is there.
 */
export async function seedFirstStart(broker: ServiceBroker, say: Say): Promise<boolean> {
	const [isOurs, bot] = await Promise.all([hasOnlyDemoPeople(broker), botOf(broker)]);
	if (!isOurs || (bot && (await hasSpoken(broker, bot)))) return bot !== undefined;
	await seedDemo(doorsOf(broker), new Tally(), () => {});
	say(`The demo is there: sign in as ${Object.keys(PEOPLE).join(", ")}, password ${PASSWORD}.`);
	return true;
}

async function hasOnlyDemoPeople(broker: ServiceBroker): Promise<boolean> {
	const limit = Object.keys(PEOPLE).length + 1;
	const { items } = await call(broker, users.list, { limit }, as(newId()));
	return items.every(({ username }) => username in PEOPLE);
}

async function botOf(broker: ServiceBroker): Promise<users.User | undefined> {
	const search = DEMO_BOT.username;
	const { items } = await call(broker, users.list, { search, limit: FOUND_MAX }, as(newId()));
	return items.find(({ username }) => username === search);
}

/** Its chat is the last thing that is made. */
async function hasSpoken(broker: ServiceBroker, bot: users.User): Promise<boolean> {
	const { items } = await call(broker, inbox.list, { limit: 1 }, as(bot.id));
	return items.some(({ lastMessage }) => lastMessage);
}
