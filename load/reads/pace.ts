/** Asking at a rate that does not wait for answers, or as fast as they come. */
import type { Answer } from "./ways.ts";

export interface Paced {
	asked: number;
	/** Answers that were errors, or not what they had to be. */
	wrong: number;
	/** What the first of them said. */
	firstWrong: string | null;
	/** Milliseconds from asking to the last byte of the answer. */
	p50: number;
	p95: number;
	p99: number;
	/** Answers a second. */
	perSecond: number;
	bytes: number;
}

/** Asks once. Throws where an answer is not what it has to be. */
export interface Question {
	ask(turn: number): Promise<Answer>;
	check(text: string, turn: number): void;
}

/** Beyond so many that wait for their answer, the server is behind. */
const UNANSWERED_MAX = 500;

export function atRate(question: Question, rate: number, seconds: number): Promise<Paced> {
	const tally = new Tally(question);
	return new Promise(resolve => {
		const timer = setInterval(() => {
			const elapsed = (performance.now() - tally.startedAt) / 1_000;
			const due = Math.floor(Math.min(elapsed, seconds) * rate);
			while (tally.asked < due && tally.open < UNANSWERED_MAX) void tally.ask();
			if (elapsed < seconds && tally.open < UNANSWERED_MAX) return;
			clearInterval(timer);
			void tally.end().then(resolve);
		}, 1);
	});
}

/** As many as so many askers get, each of whom asks again when answered. */
export async function asFastAsAnswered(question: Question, askers: number, seconds: number): Promise<Paced> {
	const tally = new Tally(question);
	const until = tally.startedAt + seconds * 1_000;
	const lane = async () => {
		while (performance.now() < until) await tally.ask();
	};
	await Promise.all(Array.from({ length: askers }, lane));
	return tally.end();
}

class Tally {
	readonly startedAt = performance.now();
	readonly #question: Question;
	readonly #delays: number[] = [];
	readonly #running = new Set<Promise<void>>();
	#wrong = 0;
	#firstWrong: string | null = null;
	#bytes = 0;
	#lastAt = 0;
	asked = 0;

	constructor(question: Question) {
		this.#question = question;
	}

	get open(): number {
		return this.#running.size;
	}

	ask(): Promise<void> {
		const running = this.#once(this.asked++).finally(() => this.#running.delete(running));
		this.#running.add(running);
		return running;
	}

	async #once(turn: number): Promise<void> {
		const from = performance.now();
		try {
			const { at, text, isOk } = await this.#question.ask(turn);
			this.#delays.push(at - from);
			this.#bytes += text.length;
			this.#lastAt = Math.max(this.#lastAt, at);
			if (!isOk) throw new Error(text.slice(0, 300));
			this.#question.check(text, turn);
		} catch (err) {
			this.#wrong++;
			this.#firstWrong ??= String(err);
		}
	}

	async end(): Promise<Paced> {
		await Promise.all(this.#running);
		const sorted = this.#delays.sort((a, b) => a - b);
		const quantile = (share: number) => sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN;
		return {
			asked: this.asked,
			wrong: this.#wrong,
			firstWrong: this.#firstWrong,
			p50: quantile(0.5),
			p95: quantile(0.95),
			p99: quantile(0.99),
			perSecond: (sorted.length * 1_000) / (this.#lastAt - this.startedAt),
			bytes: this.#bytes / Math.max(1, sorted.length),
		};
	}
}
