/** What grows, one thing at a time. Each step of a part has users and chats of its own, beside those of the steps before. */
import { fill, fillMessages } from "../stage/fill.ts";
import { apart, type Layout } from "../stage/layout.ts";
import type { Stage } from "../stage/stage.ts";
import { changesTimes, historyTimes, inboxTimes, type PageTimes } from "./pages.ts";
import { type SendCost, sendCost } from "./sends.ts";

export interface Row extends Partial<SendCost> {
	/** How many there are of what grows. */
	size: number;
	online?: number;
	history?: PageTimes;
	changes?: PageTimes;
	inbox?: PageTimes;
}

type Part = (stage: Stage, say: (row: Row) => void, full: boolean) => Promise<Row[]>;

const SIZES = [10, 100, 1_000, 10_000];
const STORED = [10_000, 100_000, 1_000_000];
const STORED_FULL = 10_000_000;
/** So that steps have nobody in common. */
const APART = 1_000_000;

export const PARTS: Record<string, Part> = {
	/** Chats of 5, all of them online, each user in 10 chats; all chats are active. */
	async chats(stage, say) {
		return inTurn(SIZES, say, async (size, i) => {
			const layout: Layout = {
				firstUser: (i + 1) * APART,
				firstChat: (i + 1) * APART,
				users: size / 2,
				chats: size,
				size: 5,
				step: 1,
				stride: 1,
			};
			await fill(stage, layout);
			return { size, ...(await sendCost(stage, layout, 5)) };
		});
	},

	/** 4 chats of so many members, 10 of them online; then a small and a large one with 50 online. */
	async members(stage, say) {
		const steps = [
			...SIZES.map(size => ({ size, online: 10 })),
			{ size: 50, online: 50 },
			{ size: 10_000, online: 50 },
		];
		return inTurn(steps, say, async ({ size, online }, i) => {
			const layout = apart(4, size, (i + 1) * APART, (i + 1) * APART);
			await fill(stage, layout);
			return { size, online, ...(await sendCost(stage, layout, online)) };
		});
	},

	/** One chat of 50, 10 of them online, with so many messages. */
	async messages(stage, say, full) {
		const layout = apart(1, 50);
		await fill(stage, layout);
		let stored = 0;
		return inTurn(full ? [...STORED, STORED_FULL] : STORED, say, async size => {
			await fillMessages(stage, layout, stored + 1, size);
			const history = await historyTimes(stage, 0, 0, size);
			const changes = await changesTimes(stage, 0, 0, size + layout.size);
			const cost = await sendCost(stage, layout, 10);
			const { rows } = await stage.db.query(`SELECT max(last_seq) AS last FROM ${stage.t.heads}`);
			stored = Number(rows[0].last);
			return { size, history, changes, ...cost };
		});
	},

	/** The inbox of a user in so many chats, each with 10 messages. */
	async inbox(stage, say) {
		return inTurn(SIZES, say, async (size, i) => {
			const first = (i + 1) * APART;
			// Of its users the first two are in every chat.
			const layout: Layout = {
				firstUser: first,
				firstChat: first,
				users: size,
				chats: size,
				size: 2,
				step: 0,
				stride: 1,
			};
			await fill(stage, layout);
			await fillMessages(stage, layout, 1, 10);
			return { size, inbox: await inboxTimes(stage, first) };
		});
	},
};

async function inTurn<T>(
	steps: readonly T[],
	say: (row: Row) => void,
	measure: (step: T, i: number) => Promise<Row>,
): Promise<Row[]> {
	const rows: Row[] = [];
	for (const [i, step] of steps.entries()) {
		const row = await measure(step, i);
		say(row);
		rows.push(row);
	}
	return rows;
}
