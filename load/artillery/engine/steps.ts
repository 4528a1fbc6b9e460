/** What a scenario's virtual users do: each step of a flow by its name. A step that throws fails its virtual user. */
import { setTimeout as sleep } from "node:timers/promises";
import { idOf } from "../../stage/layout.ts";
import { markOf } from "../../stage/member.ts";
import { call } from "../../stage/rest.ts";
import { BY_SOCKET, type Company } from "./company.ts";

export type Step = (company: Company, how: Record<string, number>) => Promise<void>;

const CREATED = 201;
const STATUSES = ["away", "dnd"] as const;

/** A failure under the name that the report counts it by. */
export class Failed extends Error {}

export const STEPS: Record<string, Step> = {
	/** One message by the door of the phase. */
	async send(company) {
		await STEPS[company.phase === BY_SOCKET ? "talk" : "post"]?.(company, {});
	},

	/** One message over REST: answered with 201, and heard by each member of its chat who is online. */
	async post(company) {
		const { chat, chatId, place } = company.next();
		const number = company.ledger.numberFor(chat);
		const startedAt = performance.now();
		company.ledger.sends(number, company.layout.size);
		const { status } = await call(
			company.port,
			"POST",
			`/chats/${chatId}/messages`,
			company.token(company.userAt(chat, place)),
			{ content: markOf(number) },
			{ "idempotency-key": `load ${number}` },
		).catch(err => {
			company.ledger.forget(number);
			throw new Failed(`REST: ${(err as Error).message}`);
		});
		company.took("rest", performance.now() - startedAt);
		if (status !== CREATED) {
			company.ledger.forget(number);
			throw new Failed(`REST answered ${status}`);
		}
		await company.ledger.heard(number);
	},

	/** A talk in a room by socket: each message by the next member, who has heard the one before. */
	async talk(company, { messages = 1, pauseMs = 0 }) {
		const { chat, chatId, place } = company.next();
		for (let i = 0; i < messages; i++) {
			if (i > 0) await sleep(pauseMs);
			const number = company.ledger.numberFor(chat);
			const startedAt = performance.now();
			company.ledger.sends(number, company.layout.size);
			const sender = company.members[company.userAt(chat, place + i)];
			try {
				await sender?.ask("message", { chatId, content: markOf(number), clientId: `load ${number}` });
			} catch (err) {
				company.ledger.forget(number);
				throw new Failed((err as Error).message);
			}
			company.took("acknowledged", performance.now() - startedAt);
			await company.ledger.heard(number);
		}
	},

	/** A newcomer: connects, signs in, opens a chat, and leaves after a while. */
	async visit(company, { seconds = 1 }) {
		const { chat, chatId, place } = company.next();
		const startedAt = performance.now();
		const member = await company.connect(company.userAt(chat, place)).catch(err => {
			throw new Failed((err as Error).message);
		});
		company.took("connect", performance.now() - startedAt);
		try {
			const joinedAt = performance.now();
			await member.ask("chat:join", { chatId });
			company.took("join", performance.now() - joinedAt);
			member.keepAlive(1);
			await sleep(seconds * 1_000);
		} finally {
			member.close();
		}
	},

	/** Everybody watches the others of their first chat. Once, at the start. */
	async watch(company) {
		const { size } = company.layout;
		for (const member of company.members) {
			const chat = Math.floor(member.user / size);
			const others = Array.from({ length: size }, (_, place) => company.userAt(chat, place));
			const userIds = others.filter(user => user !== member.user).map(user => idOf("user", user));
			await member.ask("presence:subscribe", { userIds });
		}
	},

	/** A user changes their status, which each other member of the chat hears. */
	async status(company) {
		const { chat, place } = company.next();
		const user = company.userAt(chat, place);
		const userId = idOf("user", user);
		if (company.watch.isUnderWay(userId)) throw new Failed("a status is still under way");
		const status = STATUSES[company.turnOf(user) % STATUSES.length] as string;
		const heard = company.watch.says(userId, status, company.layout.size - 1);
		const startedAt = performance.now();
		await company.members[user]?.ask("presence:set", { status });
		company.took("acknowledged", performance.now() - startedAt);
		company.count("unheard", await heard);
	},
};
