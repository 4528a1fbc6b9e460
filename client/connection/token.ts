import { ParleyError, parleyError, unavailable } from "../errors.ts";

export type Token = string | ((refused?: string) => string | Promise<string>);

/** Where tokens come from. Those who ask at the same moment get the same one. */
export class TokenSource {
	readonly #token: Token;
	readonly #limitMs: number;
	#last: string | null = null;
	#asking: Promise<string> | null = null;
	#askedInsteadOf: string | undefined;

	/** @param limitMs how long an application may take to give one */
	constructor(token: Token, limitMs: number) {
		this.#token = token;
		this.#limitMs = limitMs;
	}

	/** Whether there is but the one token. */
	get isFixed(): boolean {
		return typeof this.#token === "string";
	}

	/** The last one; asks where there has been none. */
	async get(): Promise<string> {
		return this.#last ?? this.fresh();
	}

	/**
	 * Asks.
	 * @param refused the one that the server does not take any more, where that is why
	 * @throws ParleyError TOKEN_EXPIRED where no other one can be had; whatever else the application throws may pass
	 */
	fresh(refused?: string): Promise<string> {
		// Somebody else was told so as well, and has asked since.
		if (refused !== undefined && this.#last !== null && this.#last !== refused)
			return Promise.resolve(this.#last);
		if (this.#asking && this.#askedInsteadOf === refused) return this.#asking;
		const asking = this.#ask(refused).finally(() => {
			if (this.#asking === asking) this.#asking = null;
		});
		this.#askedInsteadOf = refused;
		this.#asking = asking;
		return asking;
	}

	async #ask(refused: string | undefined): Promise<string> {
		if (typeof this.#token === "string") {
			if (this.#token === refused) throw new ParleyError("TOKEN_EXPIRED", "The token is not valid any more.");
			return this.#token;
		}
		let timer: ReturnType<typeof setTimeout> | undefined;
		const late = new Promise<never>((_, reject) => {
			timer = setTimeout(() => reject(unavailable("The application gave no token in time.")), this.#limitMs);
		});
		try {
			this.#last = await Promise.race([this.#token(refused), late]);
			return this.#last;
		} catch (err) {
			throw parleyError(err);
		} finally {
			clearTimeout(timer);
		}
	}
}
