/** Whether members who are away cost a message anything. */
import { tablesOf } from "../../lib/tables.ts";
import type { Servers } from "../../test/support/servers.ts";
import { cpuMeter, settleIn } from "../bench/cpu.ts";
import { Crowd } from "../bench/crowd.ts";
import { wrongOf } from "../bench/tally.ts";
import { ask, parley, type Scenario, type Stand } from "../bench/targets.ts";
import { median } from "../print/table.ts";
import type { Cpu } from "../stage/cpu.ts";
import { idOf, sql } from "../stage/layout.ts";
import { drained, withTables } from "../stage/outbox.ts";
import { startParley } from "../stage/parley.ts";
import { helloWith, messageWith, SOCKET_IO_PATH } from "../stage/sign-in.ts";
import { ISSUER, tokenOf } from "../stage/tokens.ts";
import { inTurns } from "../stage/turns.ts";
import type { Figures, Row } from "./row.ts";

const ONLINE = 50;
const MEMBERS = 10_000;
const SCENARIO: Scenario = { name: "group", rooms: 1, members: ONLINE };
const RATE = 400;
const SECONDS = 5;
const WARM_SECONDS = 4;
const TURNS = 3;
const ASKS_AT_ONCE = 16;
const ADDS_AT_ONCE = 2;
/** As many as one call takes. */
const PAGE = 100;

export const group: Row = {
	name: "group",
	what: "CPU of a message in a group of 10,000 beside one in a group of 50, 50 online in both",
	unit: "x the group of 50",
	better: "less",
	floor: 1.2,
	aim: 1,
	async measure({ servers, env }, progress): Promise<Figures> {
		const target = parley("Parley", env);
		const stands = await standsOf(servers, env, share => progress(share * 0.5));
		try {
			settleIn(stands.small);
			const gather = (stand: Stand) => Crowd.gather(target, stand, SCENARIO, () => {});
			const crowds = { small: await gather(stands.small), large: await gather(stands.large) };
			const costs: Record<"small" | "large", Cpu[]> = { small: [], large: [] };
			const wrong: string[] = [];
			for (const size of ["small", "large"] as const) await crowds[size].run(RATE, WARM_SECONDS);
			await drained(servers.databaseUrl, stands.small.namespace ?? "");
			for (let turn = 0; turn < TURNS; turn++)
				for (const size of ["small", "large"] as const) {
					progress(0.6 + (0.4 * turn) / TURNS);
					const used = cpuMeter(stands.small, target, servers);
					const result = await crowds[size].run(RATE, SECONDS);
					const { server, postgres } = used();
					costs[size].push({ server: server / result.sent, postgres: postgres / result.sent });
					wrong.push(...wrongOf(size, result));
				}
			for (const crowd of Object.values(crowds)) crowd.close();
			return figuresOf(costs.small, costs.large, wrong);
		} finally {
			await stands.small.stop();
		}
	},
};

function figuresOf(small: Cpu[], large: Cpu[], wrong: string[]): Figures {
	const of = (costs: Cpu[], what: keyof Cpu) => median(costs.map(cost => cost[what]));
	const all = (costs: Cpu[]) => median(costs.map(({ server, postgres }) => server + postgres));
	return {
		figure: all(large) / all(small),
		details: {
			"of 10,000: Parley, µs a message": of(large, "server"),
			"of 10,000: PostgreSQL, µs a message": of(large, "postgres"),
			"of 50: Parley, µs a message": of(small, "server"),
			"of 50: PostgreSQL, µs a message": of(small, "postgres"),
			"messages/s": RATE,
		},
		wrong,
	};
}

/** One installation with both groups. Those who never come are users by SQL, and members over the API as all are. */
async function standsOf(servers: Servers, env: Record<string, string>, progress: (share: number) => void) {
	const { nodes, url, namespace, secret, stop } = await startParley(servers, env);
	const tokens = Array.from({ length: ONLINE }, (_, member) => tokenOf(secret, `online ${member}`));
	const ids: string[] = [];
	await inTurns(
		tokens,
		async (token, i) => {
			ids[i] = (await ask(url, "GET", "/users/me", token)).id as string;
		},
		ASKS_AT_ONCE,
	);
	const [owner = "", ...others] = [tokens[0], ...ids.slice(1)];
	const make = async (name: string) =>
		(await ask(url, "POST", "/chats", owner, { type: "group", name, participantIds: others })).id as string;
	const small = await make("small");
	const large = await make("large");
	const away = await makeUsers(servers.databaseUrl, namespace, MEMBERS - ONLINE);
	const pages = Array.from({ length: Math.ceil(away.length / PAGE) }, (_, i) =>
		away.slice(i * PAGE, (i + 1) * PAGE),
	);
	await inTurns(
		pages,
		userIds => ask(url, "POST", `/chats/${large}/members`, owner, { userIds }),
		ADDS_AT_ONCE,
		progress,
	);
	const standIn = (chatId: string): Stand => ({
		pid: nodes[0]?.child.pid as number,
		namespace,
		url,
		path: () => SOCKET_IO_PATH,
		hello: ({ member }) => helloWith({ token: tokens[member] }),
		message: (_place, ackId, content) => messageWith(ackId, { chatId, content }),
		stop,
	});
	return { small: standIn(small), large: standIn(large) };
}

/** Users by SQL, who never come. @returns their ids */
async function makeUsers(databaseUrl: string, namespace: string, count: number): Promise<string[]> {
	await withTables(databaseUrl, client =>
		client.query(sql.users(tablesOf(namespace)), [0, count - 1, ISSUER.issuer]),
	);
	return Array.from({ length: count }, (_, user) => idOf("user", user));
}
