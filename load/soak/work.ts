/** What many people do at once: they send, read, tell what they have read, type, come and go. */
import { Delays } from "../stage/delays.ts";
import { apart, idOf, type Layout, userAt } from "../stage/layout.ts";
import { Ledger } from "../stage/ledger.ts";
import { Member, markOf } from "../stage/member.ts";
import { call } from "../stage/rest.ts";
import { tokenOf } from "../stage/tokens.ts";
import { inTurns } from "../stage/turns.ts";

export const LAYOUT: Layout = apart(100, 10);

/** Places of each chat whose users come and go; the others stay, and must hear everything. */
const COMERS = 2;
const STAYERS = LAYOUT.size - COMERS;
const CONNECTS_AT_ONCE = 32;
const CREATED = 201;
/** Beyond so many that wait, the server is behind, and no more is asked of it. */
const WAITING_MAX = 2_000;
/** Kinds of refusals that are told. */
const REFUSALS_MAX = 20;

type Act = keyof Work["done"];

/** Of a hundred, in turn. */
const MIX: readonly (readonly [number, Act])[] = [
	[40, "sends by socket"],
	[10, "sends over REST"],
	[18, "reads"],
	[20, "receipts"],
	[10, "typing"],
	[2, "connects"],
];
/** In an order that mixes them: 37 has no divisor in common with 100. */
const TURNS = (() => {
	const inOrder = MIX.flatMap(([share, what]) => Array.from({ length: share }, () => what));
	return inOrder.map((_, i) => inOrder[(i * 37) % inOrder.length] as Act);
})();

export class Work {
	readonly done = {
		"sends by socket": 0,
		"sends over REST": 0,
		reads: 0,
		receipts: 0,
		typing: 0,
		connects: 0,
	};
	readonly wrong = { lost: 0, repeated: 0, refused: 0, skipped: 0 };
	/** What was refused and why, with how often; the first few. */
	readonly refusals = new Map<string, number>();
	/** Of delivery, since they were cleared. */
	readonly delays = new Delays();
	readonly #port: number;
	readonly #secret: string;
	readonly #tokens = new Map<number, string>();
	readonly #ledger: Ledger;
	readonly #stayers: Member[][] = [];
	/** By their user, from when they set out. */
	readonly #comers = new Map<number, Promise<Member>>();
	#waiting = 0;
	#turn = 0;
	#timer: NodeJS.Timeout | undefined;

	constructor(port: number, secret: string) {
		this.#port = port;
		this.#secret = secret;
		this.#ledger = new Ledger(LAYOUT.chats, {
			delivered: ms => this.delays.add(ms),
			lost: deliveries => (this.wrong.lost += deliveries),
			repeated: () => this.wrong.repeated++,
		});
	}

	/** Connects those who stay, and half of those who come and go, so that there are always as many; each opens their chat. */
	async gather(): Promise<void> {
		const places = Array.from({ length: LAYOUT.chats * STAYERS }, (_, i) => i);
		await inTurns(
			places,
			async i => {
				const chat = Math.floor(i / STAYERS);
				const member = await this.#connect(userAt(LAYOUT, chat, i % STAYERS), true);
				await member.ask("chat:join", { chatId: idOf("chat", chat) });
				member.keepAlive(Math.random());
				this.#stayers[chat] = [...(this.#stayers[chat] ?? []), member];
			},
			CONNECTS_AT_ONCE,
		);
		const chats = Array.from({ length: LAYOUT.chats }, (_, i) => i);
		await inTurns(
			chats,
			chat => this.#comeOrGo(userAt(LAYOUT, chat, STAYERS), idOf("chat", chat)),
			CONNECTS_AT_ONCE,
		);
	}

	/** Goes on at `rate` acts a second, whether or not the server keeps up, until told otherwise. */
	run(rate: number): void {
		clearInterval(this.#timer);
		const startedAt = performance.now();
		let acts = 0;
		this.#timer = setInterval(() => {
			for (const due = ((performance.now() - startedAt) / 1_000) * rate; acts < due; acts++) this.#act();
		}, 5);
	}

	/** Ends after what is under way. */
	async stop(): Promise<void> {
		clearInterval(this.#timer);
		for (let i = 0; i < 600 && this.#waiting > 0; i++) await new Promise(done => setTimeout(done, 20));
		const comers = await Promise.allSettled(this.#comers.values());
		for (const comer of comers) if (comer.status === "fulfilled") comer.value.close();
		for (const member of this.#stayers.flat()) member.close();
	}

	#act(): void {
		const turn = this.#turn++;
		const round = Math.floor(turn / TURNS.length);
		const what = TURNS[turn % TURNS.length] as Act;
		// Each round begins a chat further, and each round of rounds a member: everybody does everything in every chat.
		const chat = (turn + round) % LAYOUT.chats;
		const member = round + Math.floor(round / LAYOUT.chats);
		if (this.#waiting >= WAITING_MAX) {
			this.wrong.skipped++;
			return;
		}
		this.#waiting++;
		this.#start(what, chat, member)
			.then(
				() => this.done[what]++,
				err => this.#refused(what, err),
			)
			.finally(() => this.#waiting--);
	}

	#refused(what: Act, err: unknown): void {
		this.wrong.refused++;
		const why = `${what}: ${err instanceof Error ? err.message : JSON.stringify(err)}`;
		if (this.refusals.has(why) || this.refusals.size < REFUSALS_MAX)
			this.refusals.set(why, (this.refusals.get(why) ?? 0) + 1);
	}

	#start(what: Act, chat: number, turn: number): Promise<unknown> {
		const chatId = idOf("chat", chat);
		const stayers = this.#stayers[chat] as Member[];
		const member = stayers[turn % STAYERS] as Member;
		if (what === "sends by socket")
			return this.#send(chat, number =>
				member.ask("message", { chatId, content: markOf(number), clientId: `soak ${number}` }),
			);
		if (what === "sends over REST") return this.#send(chat, number => this.#post(chatId, member, number));
		if (what === "reads") return this.#read(chatId, member, turn);
		if (what === "receipts") return member.ask("message:read", { chatId, seq: member.places.get(chat) ?? 0 });
		if (what === "typing") return member.ask("typing", { chatId, isTyping: turn % 2 === 0 });
		return this.#comeOrGo(userAt(LAYOUT, chat, STAYERS + (turn % COMERS)), chatId);
	}

	async #send(chat: number, how: (number: number) => Promise<unknown>): Promise<void> {
		const number = this.#ledger.numberFor(chat);
		this.#ledger.sends(number, STAYERS);
		try {
			await how(number);
		} catch (err) {
			this.#ledger.forget(number);
			throw err;
		}
		await this.#ledger.heard(number);
	}

	async #post(chatId: string, { user }: Member, number: number): Promise<void> {
		const key = { "idempotency-key": `soak ${number}` };
		const body = { content: markOf(number) };
		const { status } = await call(
			this.#port,
			"POST",
			`/chats/${chatId}/messages`,
			this.#token(user),
			body,
			key,
		);
		if (status !== CREATED) throw new Error(`answered ${status}`);
	}

	/** A page of history by socket, an inbox over REST, by turns. */
	async #read(chatId: string, member: Member, turn: number): Promise<void> {
		if (turn % 2 === 0) await member.ask("chat:messages", { chatId });
		else if ((await call(this.#port, "GET", "/inbox", this.#token(member.user))).status !== 200)
			throw new Error("no inbox");
	}

	/** Goes only once they have come: a machine that stands still would else leave connections that nobody closes. */
	async #comeOrGo(user: number, chatId: string): Promise<void> {
		const here = this.#comers.get(user);
		if (here) {
			this.#comers.delete(user);
			(await here).close();
			return;
		}
		const coming = this.#come(user, chatId);
		this.#comers.set(user, coming);
		await coming;
	}

	async #come(user: number, chatId: string): Promise<Member> {
		try {
			const member = await this.#connect(user, false);
			await member.ask("chat:join", { chatId });
			member.keepAlive(Math.random());
			return member;
		} catch (err) {
			this.#comers.delete(user);
			throw err;
		}
	}

	#connect(user: number, stays: boolean): Promise<Member> {
		return Member.connect(this.#port, user, this.#token(user), {
			message: (heard, member) => {
				if (stays) this.#ledger.hears(heard, member);
			},
		});
	}

	/** One for the whole run, as clients keep theirs: a node remembers those that it has checked. */
	#token(user: number): string {
		const token = this.#tokens.get(user) ?? tokenOf(this.#secret, user);
		this.#tokens.set(user, token);
		return token;
	}
}
