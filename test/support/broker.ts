/** A real broker with real services on a real PostgreSQL, in a schema of its own. */
import "./env.ts";
import { ServiceBroker, type ServiceSchema } from "moleculer";
import type { ActionContract, Params, Result } from "../../contracts/contract.ts";
import { newId } from "../../lib/ids.ts";
import { ServiceValidator } from "../../lib/validator.ts";
import { acquireDatabase, releaseDatabase } from "../../mixins/database.ts";
import { migrate } from "../../models/migrate.ts";
import { dropSchema } from "./drop-schema.ts";
import { growTables } from "./next-tables.ts";

export async function testBroker(...services: unknown[]) {
	const db = await acquireDatabase();
	await migrate(db);
	await growTables(process.env.TEST_DATABASE_URL ?? "", db.schema);
	const broker = new ServiceBroker({
		nodeID: newId(),
		logger: process.env.TEST_LOG === "1",
		validator: new ServiceValidator(),
	});
	for (const service of services) broker.createService(service as ServiceSchema);
	await broker.start();
	return {
		broker,
		db,
		/** Calls an action as a user. */
		as:
			(userId: string, meta: Record<string, unknown> = {}) =>
			<C extends Pick<ActionContract, "action">>(contract: C, params: Params<C>): Promise<Result<C>> =>
				broker.call(contract.action, params as object, { meta: { user: { id: userId }, ...meta } }),
		/** A user's row, without the cost of a registration. */
		async user(name = `u${newId().slice(-12)}`): Promise<string> {
			const id = newId();
			await db.query(`INSERT INTO ${db.t.users} (id, username, display_name) VALUES ($1, $2, $3)`, [
				id,
				name,
				name,
			]);
			return id;
		},
		/** All that the services broadcast under a name, in order. */
		heard<T>(event: string): T[] {
			const got: T[] = [];
			broker.createService({
				name: `listener-${newId()}`,
				events: { [event]: (ctx: { params: T }) => void got.push(ctx.params) },
			});
			return got;
		},
		async stop() {
			await dropSchema(db, db.schema);
			await broker.stop();
			await releaseDatabase();
		},
	};
}

/** The catalogue's code that a call fails with. */
export async function codeOf(call: Promise<unknown>): Promise<string> {
	try {
		await call;
	} catch (err) {
		return (err as { type?: string }).type ?? String(err);
	}
	return "ok";
}
