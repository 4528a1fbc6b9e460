/** All clients of a scenario at a server, and what they do together. */
import type { Line } from "../stage/line.ts";
import { inTurns } from "../stage/turns.ts";
import { contentOf, type Marker, now, readMarker } from "./marker.ts";
import { type Result, Tally } from "./tally.ts";
import { enter, type Place, type Scenario, type Stand, type Target } from "./targets.ts";

const CONNECTS_AT_ONCE = 32;
/** Beyond so many that wait for their answer, the server is behind. */
const UNANSWERED_MAX = 20_000;
/** How long nothing may come after the last send before what is missing is lost, and how long all of it may take. */
const SILENCE_MS = 5_000;
const SETTLE_MAX_MS = 20_000;
const SETTLE_STEP_MS = 20;

const [TWO, THREE, FOUR, QUOTE, OPENING, O, M] = Buffer.from(`234"[om`);

export class Crowd {
	readonly #target: Target;
	readonly #stand: Stand;
	readonly #scenario: Scenario;
	readonly #lines: Line[] = [];
	readonly #marker: Marker = { room: 0, sender: 0, number: 0, micros: 0 };
	#tally: Tally;

	private constructor(target: Target, stand: Stand, scenario: Scenario) {
		this.#target = target;
		this.#stand = stand;
		this.#scenario = scenario;
		this.#tally = this.#freshTally();
	}

	/** Connects everybody. */
	static async gather(
		target: Target,
		stand: Stand,
		scenario: Scenario,
		progress: (share: number) => void,
	): Promise<Crowd> {
		const crowd = new Crowd(target, stand, scenario);
		const clients = Array.from({ length: crowd.#clients }, (_, client) => client);
		await inTurns(clients, client => crowd.#connect(client), CONNECTS_AT_ONCE, progress);
		return crowd;
	}

	/**
	 * Sends `rate` messages a second, all rooms together, for `seconds`, then waits for what is under way. The rate does
	 * not wait for answers (an open loop), until the server is hopelessly behind.
	 */
	async run(rate: number, seconds: number): Promise<Result> {
		const tally = await this.#send(seconds, elapsed => Math.floor(elapsed * rate));
		return tally.result(rate, seconds, this.#target.hasAcks);
	}

	/** Keeps so many messages under way for `seconds`: one that all have heard makes room for the next. */
	async saturate(underWay: number, seconds: number): Promise<Result> {
		const { members } = this.#scenario;
		const tally = await this.#send(seconds, (_, { delivered }) => Math.floor(delivered / members) + underWay);
		return tally.result(tally.sentSoFar / seconds, seconds, this.#target.hasAcks);
	}

	/** @param due how many are to be sent by now, `elapsed` seconds after the first */
	async #send(seconds: number, due: (elapsed: number, tally: Tally) => number): Promise<Tally> {
		this.#tally = this.#freshTally();
		const tally = this.#tally;
		const startedAt = performance.now();
		let turn = 0;
		await new Promise<void>(resolve => {
			const timer = setInterval(() => {
				const elapsed = (performance.now() - startedAt) / 1_000;
				if (elapsed >= seconds || this.#isHopeless(tally)) {
					clearInterval(timer);
					resolve();
					return;
				}
				for (const end = due(elapsed, tally); turn < end; turn++) this.#sendOne(turn);
			}, 1);
		});
		await this.#settle(tally);
		return tally;
	}

	/** What came later would count for the next run. */
	async #settle(tally: Tally): Promise<void> {
		const end = performance.now() + SETTLE_MAX_MS;
		let [heard, heardAt] = [tally.delivered, performance.now()];
		while (!this.#isSettled(tally) && performance.now() < Math.min(end, heardAt + SILENCE_MS)) {
			await new Promise(done => setTimeout(done, SETTLE_STEP_MS));
			if (tally.delivered > heard) [heard, heardAt] = [tally.delivered, performance.now()];
		}
	}

	close(): void {
		for (const line of this.#lines) line.close();
	}

	get #clients(): number {
		const { rooms, members, roomsEach = 1 } = this.#scenario;
		return (rooms * members) / roomsEach;
	}

	/** Who is in several rooms counts in each as somebody of its own. */
	#freshTally(): Tally {
		const { rooms, members } = this.#scenario;
		return new Tally(rooms * members, members);
	}

	#isHopeless(tally: Tally): boolean {
		const done = this.#target.hasAcks ? tally.answered : tally.delivered / this.#scenario.members;
		return tally.sentSoFar - done > UNANSWERED_MAX;
	}

	#isSettled(tally: Tally): boolean {
		const { members } = this.#scenario;
		if (!this.#target.hasAcks) return tally.delivered >= tally.sentSoFar * members;
		return (
			tally.answered === tally.sentSoFar && tally.delivered >= (tally.sentSoFar - tally.refused) * members
		);
	}

	/** The rooms in turn, and in each its members in turn. */
	#sendOne(turn: number): void {
		const { members } = this.#scenario;
		const heard = this.#senderAt(turn);
		const place = { room: Math.floor(heard / members), member: heard % members };
		const micros = now();
		const number = this.#tally.sends(heard, micros);
		const content = contentOf({ room: place.room, sender: place.member, number, micros });
		this.#lines[heard % this.#clients]?.send(this.#stand.message(place, turn, content));
	}

	#senderAt(turn: number): number {
		const { rooms, members } = this.#scenario;
		return (turn % rooms) * members + (Math.floor(turn / rooms) % members);
	}

	#place(client: number): Place {
		const { members } = this.#scenario;
		return { room: Math.floor(client / members), member: client % members };
	}

	async #connect(client: number): Promise<void> {
		const place = this.#place(client);
		const isPlain = this.#stand.hello(place) === null;
		const listener = isPlain ? this.#plain(client) : this.#socketIo(client);
		this.#lines[client] = await enter(this.#stand, place, listener);
	}

	#plain(client: number) {
		return (bytes: Buffer, start: number, end: number) => this.#hears(client, bytes, start, end);
	}

	/** Reads `42["message",…]`, `43<id>[{"status":"ok",…}]`, and the server's ping; the rest is of no interest. */
	#socketIo(client: number) {
		return (bytes: Buffer, start: number, end: number, line: Line) => {
			if (bytes[start] === TWO) line.send("3");
			else if (bytes[start] !== FOUR) return;
			else if (bytes[start + 1] === THREE) this.#answered(bytes, start);
			else if (bytes[start + 1] === TWO && bytes[start + 4] === M && bytes[start + 11] === QUOTE)
				this.#hears(client, bytes, start, end);
		};
	}

	/** `43<turn>[{"status":"ok"…`. */
	#answered(bytes: Buffer, start: number): void {
		const { rooms, members } = this.#scenario;
		const opening = bytes.indexOf(OPENING as number, start);
		const turn = Number(bytes.toString("latin1", start + 2, opening));
		const number = 1 + Math.floor(turn / (rooms * members));
		this.#tally.answers(this.#senderAt(turn), number, bytes[opening + 12] === O);
	}

	#hears(client: number, bytes: Buffer, start: number, end: number): void {
		if (!readMarker(bytes, start, end, this.#marker)) return;
		const { members } = this.#scenario;
		this.#tally.hears(this.#marker.room * members + (client % members), this.#marker, now());
	}
}
