/** What consumers have made of events: the audit log, where each stands once in a chain, and the count of messages. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { tablesOf } from "../../lib/tables.ts";
import { asking, KEPT } from "./rows.ts";

/** Topics whose events are audited. */
export const AUDITED: readonly string[] = ["chat.events", "user.registered", "user.updated"];

export interface Effects {
	/** Of each event of the audit log how often it stands there, by its id. */
	audited: ReadonlyMap<string, number>;
	/** Messages of the installation, as analytics counted them. */
	counted: number;
	/** What is wrong with the chains of the audit log. */
	broken: readonly string[];
}

export async function readEffects(url: string, namespace: string): Promise<Effects> {
	const t = tablesOf(namespace);
	return asking(url, async db => {
		const { rows: audited } = await db.query(
			`SELECT event_id AS id, count(*)::int AS n FROM ${t.audit} GROUP BY 1`,
		);
		const { rows: counts } = await db.query(
			`SELECT coalesce(sum(messages), 0)::int AS n FROM ${t.analyticsCounts} WHERE bucket = 'day'`,
		);
		return {
			audited: new Map(audited.map(({ id, n }) => [id, n])),
			counted: counts[0].n,
			broken: await brokenChains(namespace, url),
		};
	});
}

/** How many committed events have not had their effect yet. */
export function waitingEffects(url: string, namespace: string): Promise<number> {
	const t = tablesOf(namespace);
	return asking(url, async db => {
		const { rows } = await db.query(
			`SELECT (SELECT count(*) FROM ${KEPT}.${namespace} k WHERE k.topics && $1
				AND NOT EXISTS (SELECT FROM ${t.audit} a WHERE a.event_id = k.id))::int
			 + greatest(0, (SELECT count(*) FROM ${t.messages})
				- (SELECT coalesce(sum(messages), 0) FROM ${t.analyticsCounts} WHERE bucket = 'day'))::int AS n`,
			[AUDITED],
		);
		return rows[0].n;
	});
}

/** What is missing or there twice of the effects of these events, of which so many are messages that were sent. */
export function wrongEffects(
	{ audited, counted, broken }: Effects,
	eventIds: Iterable<string>,
	messages: number,
): string[] {
	const wrong = [...eventIds]
		.filter(id => audited.get(id) !== 1)
		.map(id => `event ${id} stands ${audited.get(id) ?? 0} times in the audit log`);
	if (counted !== messages) wrong.push(`${counted} messages are counted, and ${messages} were told of`);
	return [...wrong, ...broken];
}

/** What `npm run audit:verify` says of the log. */
async function brokenChains(namespace: string, url: string): Promise<string[]> {
	const env = { PATH: process.env.PATH, CHAT_NAMESPACE: namespace, CHAT_DATABASE_URL: url, NODE_ENV: "test" };
	const verify = promisify(execFile)(process.execPath, ["scripts/audit-verify.ts"], { env });
	return verify.then(
		() => [],
		({ stdout }) => [String(stdout)],
	);
}
