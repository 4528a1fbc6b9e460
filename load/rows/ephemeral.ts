/** What is told beside the log: that somebody has read, types, or is away. */
import { cpuMeter, settleIn } from "../bench/cpu.ts";
import { ask, parley, type Scenario, type Stand } from "../bench/targets.ts";
import { Member } from "../stage/member.ts";
import { drained } from "../stage/outbox.ts";
import { inTurns } from "../stage/turns.ts";
import { type Figures, pause, type Row } from "./row.ts";

const SCENARIO: Scenario = { name: "ephemeral", rooms: 100, members: 10 };
const PEOPLE = SCENARIO.rooms * SCENARIO.members;
const RATE = 500;
const SECONDS = 10;
const WARM_SECONDS = 4;
/** Each receipt reads one further: as many as a member sends in all. */
const MESSAGES = Math.ceil((RATE * (SECONDS + WARM_SECONDS)) / PEOPLE) + 1;
const AT_ONCE = 32;
const LOOK_EVERY_MS = 5;
/** For what was told last to be heard. */
const SETTLE_MS = 1_000;

interface Cost {
	/** Microseconds of CPU an act. */
	node: number;
	postgres: number;
	/** Events that others heard, an act. */
	heard: number;
}

/** What one does for the `turn`th time, as the name and the payload of its call. */
type Act = (chatId: string, turn: number) => readonly [event: string, payload: object];

const ACTS: Record<string, Act> = {
	"a receipt": (chatId, turn) => ["message:read", { chatId, seq: turn + 1 }],
	"a word of typing": (chatId, turn) => ["typing", { chatId, isTyping: turn % 2 === 0 }],
	"a change of status": (_, turn) => ["presence:set", { status: turn % 2 === 0 ? "dnd" : "online" }],
};

export const ephemeral: Row = {
	name: "ephemeral",
	what: "CPU of a receipt with PostgreSQL's, told to those who have the chat of 10 open, 500 a second",
	unit: "µs",
	better: "less",
	floor: 1_000,
	aim: 500,
	async measure({ servers, env }, progress): Promise<Figures> {
		const target = parley("Parley", env);
		const stand = await target.start(servers, SCENARIO, share => progress(share * 0.3));
		try {
			settleIn(stand);
			const { people, chats, heard } = await gather(stand);
			await drained(servers.databaseUrl, stand.namespace ?? "");
			const costs: Record<string, Cost> = {};
			const wrong: string[] = [];
			for (const [what, act] of Object.entries(ACTS)) {
				progress(0.4 + (0.6 * Object.keys(costs).length) / Object.keys(ACTS).length);
				const run = runOf(people, chats, act, refusal => wrong.push(`${what}: ${refusal}`));
				await run(WARM_SECONDS);
				const [used, before] = [cpuMeter(stand, target, servers), heard()];
				const acts = await run(SECONDS);
				const { server, postgres } = used();
				costs[what] = {
					node: server / acts,
					postgres: postgres / acts,
					heard: (heard() - before) / acts,
				};
			}
			for (const member of people) member.close();
			const { node = 0, postgres = 0 } = costs["a receipt"] ?? {};
			return { figure: node + postgres, details: detailsOf(costs), wrong: wrong.slice(0, 5) };
		} finally {
			await stand.stop();
		}
	},
};

const detailsOf = (costs: Record<string, Cost>): Record<string, number> =>
	Object.fromEntries(
		Object.entries(costs).flatMap(([what, { node, postgres, heard }]) => [
			[`${what}: node, µs`, node],
			[`${what}: PostgreSQL, µs`, postgres],
			[`${what}: heard by others`, heard],
		]),
	);

/** All with their chat open, each watching who else is in it, and something there to be read. */
async function gather(stand: Stand) {
	let heard = 0;
	const people: Member[] = [];
	const chats: string[] = [];
	const ears = { message: () => {}, other: () => void heard++ };
	const comeIn = async (i: number) => {
		const place = { room: i % SCENARIO.rooms, member: Math.floor(i / SCENARIO.rooms) };
		const { path, token } = (stand as Required<Stand>).request(place, "");
		const chatId = path.split("/")[3] as string;
		chats[place.room] = chatId;
		const member = await Member.connect(Number(new URL(stand.url).port), i, token, ears);
		people[i] = member;
		await member.ask("chat:join", { chatId });
		const { items } = await ask(stand.url, "GET", `/chats/${chatId}/members`, token);
		const userIds = (items as { userId: string }[]).map(({ userId }) => userId);
		await member.ask("presence:subscribe", { userIds });
		if (place.member > 0) return;
		for (let n = 0; n < MESSAGES; n++) await member.ask("message", { chatId, content: `${n}` });
	};
	await inTurns([...Array(PEOPLE).keys()], comeIn, AT_ONCE);
	return { people, chats, heard: () => heard };
}

/** Has all act in turn, whether or not the server keeps up. @returns how many acts were answered */
function runOf(people: Member[], chats: string[], act: Act, onRefused: (why: unknown) => void) {
	let done = 0;
	return async (seconds: number): Promise<number> => {
		const asked: Promise<unknown>[] = [];
		const startedAt = performance.now();
		while (asked.length < seconds * RATE) {
			const due = Math.min(seconds, (performance.now() - startedAt) / 1_000) * RATE;
			for (; asked.length < due; done++) {
				const member = people[done % PEOPLE] as Member;
				const chatId = chats[done % SCENARIO.rooms] as string;
				asked.push(member.ask(...act(chatId, Math.floor(done / PEOPLE))).catch(onRefused));
			}
			await pause(LOOK_EVERY_MS);
		}
		await Promise.all(asked);
		await pause(SETTLE_MS);
		return asked.length;
	};
}
