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

/** Makes what is missing of the demo, also where an earlier start was ended in the midst of it. */
export async function seedFirstStart(broker: ServiceBroker, say: Say): Promise<void> {
	if (!(await isWanted(broker))) return;
	await seedDemo(doorsOf(broker), new Tally(), () => {});
	say(`The demo is there: sign in as ${Object.keys(PEOPLE).join(", ")}, password ${PASSWORD}.`);
}

/** Where there is anyone else, the database is somebody's own; where the bot has its chat, the demo is complete. */
async function isWanted(broker: ServiceBroker): Promise<boolean> {
	const as = (id: string) => ({ meta: { user: { id } } });
	const limit = Object.keys(PEOPLE).length + 1;
	const { items } = await call(broker, users.list, { limit }, as(newId()));
	if (!items.every(({ username }) => username in PEOPLE)) return false;
	const bot = items.find(({ username }) => username === DEMO_BOT.username);
	if (!bot) return true;
	const { items: chats } = await call(broker, inbox.list, { limit: 1 }, as(bot.id));
	return !chats.some(({ lastMessage }) => lastMessage);
}
