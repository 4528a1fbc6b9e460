/** Everybody of a scenario's chats who is online, and what they hear, told to Artillery. */
import { readFileSync } from "node:fs";
import { idOf, type Layout, userAt } from "../../stage/layout.ts";
import { Ledger } from "../../stage/ledger.ts";
import { Member } from "../../stage/member.ts";
import { tokenOf } from "../../stage/tokens.ts";
import { inTurns } from "../../stage/turns.ts";
import { Watch } from "./watch.ts";

/** Artillery's own. Delays are in ms. */
export interface Metrics {
	emit(kind: "histogram" | "counter", name: string, value: number): unknown;
	emit(kind: "error" | "started", what?: string): unknown;
}

/** What `npm run load` leaves in the file that `PARLEY_STAGE` names. */
export interface StageFile {
	port: number;
	secret: string;
	layout: Layout;
}

const CONNECTS_AT_ONCE = 64;
/** The phase in which `send` goes by socket. */
export const BY_SOCKET = "by socket";

export class Company {
	readonly port: number;
	readonly layout: Layout;
	readonly ledger: Ledger;
	readonly watch: Watch;
	readonly members: Member[] = [];
	readonly #secret: string;
	readonly #tokens: string[] = [];
	readonly #turnsOf = new Map<number, number>();
	/** Artillery has none before the first arrival. */
	metrics: Metrics | null = null;
	/** The name of Artillery's phase, where it has one. */
	phase = "";
	#turn = 0;

	constructor() {
		const file = process.env.PARLEY_STAGE;
		if (!file) throw new Error("This engine runs by `npm run load`.");
		const { port, secret, layout } = JSON.parse(readFileSync(file, "utf8")) as StageFile;
		this.port = port;
		this.layout = layout;
		this.#secret = secret;
		this.ledger = new Ledger(layout.chats, {
			// By socket it is reported by itself: its threshold is that of REST.
			delivered: ms => this.took(this.phase === BY_SOCKET ? "socket.delivery" : "delivery", ms),
			lost: deliveries => this.count("lost", deliveries),
			repeated: () => this.count("repeated"),
		});
		this.watch = new Watch(ms => this.took("status", ms));
	}

	/** Connects all users of the layout, who then send heartbeats. */
	async gather(): Promise<void> {
		const { users } = this.layout;
		const startedAt = performance.now();
		await inTurns(
			Array.from({ length: users }, (_, user) => user),
			async user => {
				this.members[user] = await this.connect(user);
				this.members[user]?.keepAlive(Math.random());
			},
			CONNECTS_AT_ONCE,
		);
		const seconds = (performance.now() - startedAt) / 1_000;
		console.log(`${users} are connected and signed in after ${seconds.toFixed(1)} s.`);
	}

	connect(user: number): Promise<Member> {
		return Member.connect(this.port, user, this.token(user), {
			message: (heard, member) => this.ledger.hears(heard, member),
			other: (name, text) => this.watch.hears(name, text),
		});
	}

	token(user: number): string {
		this.#tokens[user] ??= tokenOf(this.#secret, user);
		return this.#tokens[user] as string;
	}

	/** Each time the next: chats in turn, and in each its members in turn. */
	next(): { chat: number; chatId: string; place: number } {
		const turn = this.#turn++;
		const { chats, size, firstChat } = this.layout;
		const chat = turn % chats;
		return { chat, chatId: idOf("chat", firstChat + chat), place: Math.floor(turn / chats) % size };
	}

	/** The number of the user at a place of a chat. */
	userAt(chat: number, place: number): number {
		return userAt(this.layout, chat, place % this.layout.size);
	}

	/** How often that user was asked for before. */
	turnOf(user: number): number {
		const turn = this.#turnsOf.get(user) ?? 0;
		this.#turnsOf.set(user, turn + 1);
		return turn;
	}

	took(name: string, ms: number): void {
		this.metrics?.emit("histogram", `parley.${name}`, ms);
	}

	count(name: string, number = 1): void {
		this.metrics?.emit("counter", `parley.${name}`, number);
	}
}
