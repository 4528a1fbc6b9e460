import { action } from "./contract.ts";
import * as field from "./fields.ts";

export interface AnalyticsBucket {
	/** When the hour or day begins. */
	at: string;
	messages: number;
	activeUsers: number;
	activeChats: number;
}

export const report = action<{ items: AnalyticsBucket[] }>()({
	action: "analytics.report",
	doc: "Messages, active users and active chats by hour or day (UTC), oldest first, 1,000 buckets at most.",
	rest: "GET /admin/analytics",
	auth: "admin",
	rate: "read",
	params: {
		$$strict: true,
		by: { type: "enum", values: ["hour", "day"], optional: true },
		from: field.optionalTime,
		to: field.optionalTime,
	},
});
