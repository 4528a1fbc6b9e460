import * as analytics from "../../contracts/analytics.ts";
import type { Ctx, Reply, Schema } from "../../lib/moleculer.ts";
import { type DatabaseVars, withDatabase } from "../../mixins/database.ts";
import { readReport } from "./analytics.store.ts";

type Settings = Record<never, never>;
type Methods = Record<never, never>;
type Vars = DatabaseVars;

/** The figures of the whole installation, for its administrators. */
export default {
	name: "analytics",
	mixins: [withDatabase()],
	actions: {
		report: {
			...analytics.report,
			async handler(ctx: Ctx<typeof analytics.report>): Reply<typeof analytics.report> {
				const { by, from, to } = ctx.params;
				return { items: await readReport(this.db, by ?? "hour", from ?? null, to ?? null) };
			},
		},
	},
} satisfies Schema<Settings, Methods, Vars>;
