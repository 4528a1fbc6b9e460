/** moleculer-db over the process's own pool, for small tables with plain CRUD; not for what the log keeps. */
import DbService from "moleculer-db";
import SequelizeAdapter from "moleculer-db-adapter-sequelize";
import type { Model, ModelStatic, Sequelize } from "sequelize";
import { acquireDatabase, releaseDatabase } from "./database.ts";

type Define = (sequelize: Sequelize, schema: string) => ModelStatic<Model>;

/** The actions that moleculer-db makes of a table: none of them, a service says itself what may be asked. */
const GENERATED = ["find", "count", "list", "create", "insert", "get", "update", "remove"] as const;

/**
 * Merging schemas clones what stands in them, and neither a cloned Sequelize nor a private field works: so the pool is
 * taken when the service starts, given back in place of being closed, and the table stands in the class itself.
 */
function adapterOf(define: Define) {
	return class SharedAdapter extends SequelizeAdapter {
		override async connect() {
			const { sequelize, schema } = await acquireDatabase();
			const self = this as unknown as {
				db: Sequelize;
				model: ModelStatic<Model>;
				service: { model: unknown };
			};
			self.db = sequelize;
			self.model = define(sequelize, schema);
			self.service.model = self.model;
		}

		override disconnect() {
			return releaseDatabase();
		}
	};
}

/** Gives a service moleculer-db's methods (`_find`, `_count`, `_remove`, …) for one table, and none of its actions. */
export function withPrivateCrud(define: Define) {
	const Adapter = adapterOf(define);
	return {
		mixins: [DbService],
		adapter: new Adapter(undefined as never),
		model: { name: define.name },
		actions: Object.fromEntries(GENERATED.map(name => [name, false as const])),
	};
}
