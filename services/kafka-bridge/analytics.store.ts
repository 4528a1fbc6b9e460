import type { AnalyticsBucket } from "../../contracts/analytics.ts";
import type { Database } from "../../lib/database.ts";

const BUCKETS_MAX = 1_000;

/** The buckets from one time to before another, oldest first; without a beginning the newest ones. */
export function readReport(
	db: Database,
	by: "hour" | "day",
	from: string | null,
	to: string | null,
): Promise<AnalyticsBucket[]> {
	return db.query<AnalyticsBucket>(
		`SELECT * FROM (
			SELECT at, messages, active_users AS "activeUsers", active_chats AS "activeChats"
			FROM ${db.t.analyticsCounts}
			WHERE bucket = $1 AND ($2::timestamptz IS NULL OR at >= $2) AND ($3::timestamptz IS NULL OR at < $3)
			ORDER BY extract(epoch FROM at) * CASE WHEN $2::timestamptz IS NULL THEN -1 ELSE 1 END LIMIT ${BUCKETS_MAX}
		) page ORDER BY at`,
		[by, from, to],
		"read-analytics",
	);
}
