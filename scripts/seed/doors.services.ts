/** The services in this process, on the configured database. Nothing goes past them: all of it is in the log. */
import { ServiceBroker } from "moleculer";
import * as auth from "../../contracts/auth.ts";
import * as users from "../../contracts/users.ts";
import { newId } from "../../lib/ids.ts";
import { call } from "../../lib/moleculer.ts";
import { brokerOptions } from "../../moleculer.config.ts";
import { bringUpToDate, startDatabase } from "../node/database.ts";
import type { Say } from "../node/say.ts";
import { loadServices } from "../node/services.ts";
import { type Doors, signUp } from "./doors.ts";
import { emailOf, type Newcomer, PASSWORD } from "./people.ts";

const SERVICES = ["auth", "users", "chats", "messages"];
const PAGE = 200;

/** Starts the database, its tables, and the services that chats need. What their events set off waits in the outbox. */
export async function openServices(say: Say): Promise<Doors & { where: string }> {
	const database = await startDatabase(say);
	try {
		await bringUpToDate();
		const broker = new ServiceBroker(
			brokerOptions({ nodeID: `seed-${newId()}`, metrics: { enabled: false } }),
		);
		for (const schema of await loadServices(SERVICES)) broker.createService(schema);
		await broker.start();
		return {
			where: database.what,
			...doorsOf(broker),
			async close() {
				await broker.stop();
				await database.stop();
			},
		};
	} catch (err) {
		await database.stop();
		throw err;
	}
}

/** Through a broker that runs already; closing it is left to whoever started it. */
export function doorsOf(broker: ServiceBroker): Pick<Doors, "enter" | "ask"> {
	return {
		enter: newcomer => enter(broker, newcomer),
		ask: (id, contract, params) => call(broker, contract, params, { meta: { user: { id } } }),
	};
}

/** Looked up by name, not signed in: a second run makes no second session. */
async function enter(broker: ServiceBroker, { username, displayName }: Newcomer) {
	const asNobody = { meta: { user: { id: newId() } } };
	const { items } = await call(broker, users.list, { search: username, limit: PAGE }, asNobody);
	const known = items.find(user => user.username === username);
	if (known) return { id: known.id, isNew: false };
	const account = { username, displayName, email: emailOf(username), password: PASSWORD };
	const { user } = await signUp(username, call(broker, auth.register, account));
	return { id: user.id, isNew: true };
}
