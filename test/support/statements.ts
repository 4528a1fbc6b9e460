/** What this process asks of PostgreSQL, and how many rows of a table each statement goes through. */
import pg from "pg";
import type { Database } from "../../lib/database.ts";

export interface Statement {
	text: string;
	values: unknown[];
	name: string;
}

/** Remembers each statement once, with the values that it was last given, until it is ended. */
export function watchStatements() {
	const seen = new Map<string, Statement>();
	const { prototype } = pg.Client;
	const { query } = prototype;
	prototype.query = function (this: pg.Client, ...args: unknown[]) {
		const [asked] = args as [{ text?: string; values?: unknown[]; name?: string }];
		if (typeof asked?.text === "string") {
			const { text, values = [], name = text.slice(0, 40) } = asked;
			seen.set(text, { text, values, name });
		}
		return (query as (...args: unknown[]) => unknown).apply(this, args);
	} as typeof query;
	return {
		all: (): Statement[] => [...seen.values()],
		end() {
			prototype.query = query;
		},
	};
}

interface PlanNode {
	"Relation Name"?: string;
	"Actual Rows": number;
	"Actual Loops": number;
	"Rows Removed by Filter"?: number;
	"Rows Removed by Index Recheck"?: number;
	Plans?: PlanNode[];
}

const flatten = (plan: PlanNode): PlanNode[] => [plan, ...(plan.Plans ?? []).flatMap(flatten)];

const DONE = new Error("It was only to be looked at.");
/** What was written is there already, or the heads that were compared have moved since: nothing else is read for that. */
const REPEATED = new Set(["23505", "22012"]);

/** Runs a statement once more, with nothing left of it. @returns how many rows of a table it went through */
export async function rowsRead(
	db: Database,
	{ text, values }: Statement,
	table: string,
	keepsPlans = false,
): Promise<number> {
	let nodes: PlanNode[] = [];
	try {
		await db.tx(
			async query => {
				const [row] = await query<{ "QUERY PLAN": { Plan: PlanNode }[] }>(
					`EXPLAIN (ANALYZE, FORMAT JSON) ${text}`,
					values,
				);
				nodes = row?.["QUERY PLAN"].flatMap(({ Plan }) => flatten(Plan)) ?? [];
				throw DONE;
			},
			{ keepsPlans },
		);
	} catch (err) {
		if (err !== DONE && !REPEATED.has((err as { code?: string }).code ?? "")) throw err;
	}
	const rows = nodes
		.filter(node => node["Relation Name"] === table)
		.map(node => {
			const gone = (node["Rows Removed by Filter"] ?? 0) + (node["Rows Removed by Index Recheck"] ?? 0);
			return (node["Actual Rows"] + gone) * node["Actual Loops"];
		});
	return rows.reduce((sum, count) => sum + count, 0);
}
