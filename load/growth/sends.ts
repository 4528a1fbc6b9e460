/** What a message costs at a rate that never changes, in CPU of the node and of PostgreSQL. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { meterOf } from "../stage/cpu.ts";
import { Delays } from "../stage/delays.ts";
import { idOf, type Layout, userAt } from "../stage/layout.ts";
import { Ledger } from "../stage/ledger.ts";
import { Member, markOf } from "../stage/member.ts";
import type { Stage } from "../stage/stage.ts";
import { tokenOf } from "../stage/tokens.ts";
import { inTurns } from "../stage/turns.ts";

export interface SendCost {
	/** Microseconds a message, without what is spent when nobody sends. */
	node: number;
	postgres: number;
	/** What both use when nobody sends, as a share of a core. */
	idle: number;
	/** Milliseconds from sending to hearing. */
	p50: number;
	p99: number;
	/** Sockets that were open, and messages and deliveries a second. */
	sockets: number;
	messages: number;
	deliveries: number;
	/** Deliveries that did not come, or came twice; refused messages. */
	wrong: number;
}

const RATE = 300;
const WARM_S = 3;
const IDLE_S = 5;
const SENDING_S = 8;
const CONNECTS_AT_ONCE = 32;

/** @param online of each chat, so many members from its first on */
export async function sendCost(stage: Stage, layout: Layout, online: number): Promise<SendCost> {
	// The same chat may have been measured before: a key of then would only give the message of then.
	const run = randomUUID().slice(0, 8);
	const delays = new Delays();
	let wrong = 0;
	const ledger = new Ledger(layout.chats, {
		delivered: ms => delays.add(ms),
		lost: deliveries => (wrong += deliveries),
		repeated: () => wrong++,
	});
	const members = await connect(stage, layout, online, ledger);
	const send = async (turn: number) => {
		const chat = turn % layout.chats;
		const sender = members.get(userAt(layout, chat, Math.floor(turn / layout.chats) % online));
		const number = ledger.numberFor(chat);
		ledger.sends(number, online);
		const payload = {
			chatId: idOf("chat", layout.firstChat + chat),
			content: markOf(number),
			clientId: `${run} ${number}`,
		};
		await sender?.ask("message", payload).then(
			() => ledger.heard(number),
			() => {
				ledger.forget(number);
				wrong++;
			},
		);
	};
	try {
		await steadily(RATE, WARM_S, send);
		const idle = await spent(stage, () => sleep(IDLE_S * 1_000));
		delays.clear();
		let sent = 0;
		const work = await spent(stage, async () => {
			sent = await steadily(RATE, SENDING_S, send);
		});
		const micros = (which: "node" | "postgres") =>
			(work[which] - (idle[which] * work.micros) / idle.micros) / sent;
		return {
			node: micros("node"),
			postgres: micros("postgres"),
			idle: (idle.node + idle.postgres) / idle.micros,
			p50: delays.quantile(0.5),
			p99: delays.quantile(0.99),
			sockets: members.size,
			messages: sent / SENDING_S,
			deliveries: delays.count / SENDING_S,
			wrong,
		};
	} finally {
		for (const member of members.values()) member.close();
	}
}

async function connect(
	{ node, secret }: Stage,
	layout: Layout,
	online: number,
	ledger: Ledger,
): Promise<Map<number, Member>> {
	const port = Number(new URL(node.url).port);
	const users = new Set(
		Array.from({ length: layout.chats }, (_, chat) =>
			Array.from({ length: online }, (_, place) => userAt(layout, chat, place)),
		).flat(),
	);
	const members = new Map<number, Member>();
	await inTurns(
		[...users],
		async user => {
			const member = await Member.connect(port, user, tokenOf(secret, user), {
				message: (heard, member) => ledger.hears(heard, member),
			});
			member.keepAlive(Math.random());
			members.set(user, member);
		},
		CONNECTS_AT_ONCE,
	);
	return members;
}

/** Sends in an open loop, then waits for what is under way. @returns how many */
async function steadily(
	rate: number,
	seconds: number,
	send: (turn: number) => Promise<void>,
): Promise<number> {
	const startedAt = performance.now();
	const underWay = new Set<Promise<void>>();
	let turn = 0;
	for (const wanted = rate * seconds; turn < wanted; await sleep(1))
		for (const due = Math.min(wanted, ((performance.now() - startedAt) / 1_000) * rate); turn < due; turn++) {
			const one = send(turn).finally(() => underWay.delete(one));
			underWay.add(one);
		}
	await Promise.all(underWay);
	return turn;
}

/** Of CPU and of time, in microseconds. */
async function spent(
	{ pids }: Stage,
	work: () => Promise<void>,
): Promise<{ node: number; postgres: number; micros: number }> {
	const used = meterOf([pids.node], pids.postgres);
	const startedAt = performance.now();
	await work();
	const { server: node, postgres } = used();
	return { node, postgres, micros: (performance.now() - startedAt) * 1_000 };
}
