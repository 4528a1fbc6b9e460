import { argon2, randomBytes, timingSafeEqual } from "node:crypto";
import { unavailable } from "../../lib/errors.ts";

/** How much work a hash is: `memory` in KiB, passes over it, and lanes. */
export interface HashCost {
	memory: number;
	passes: number;
	parallelism: number;
}

/** OWASP's choice for argon2id: 19 MiB, two passes. */
export const COST: HashCost = { memory: 19_456, passes: 2, parallelism: 1 };

const SALT_BYTES = 16;
const TAG_BYTES = 32;
/** Of libuv's four threads: name resolution and files need the others. */
const RUNNING_MAX = 2;
/** With those that run it is some three seconds of work: who comes later is told to come again. */
const WAITING_MAX = 64;
/** A hash that claims more would be a way to stop the server by a row of the database. */
const STORED_COST_MAX = 16;

interface Phc {
	cost: HashCost;
	salt: Buffer;
	tag: Buffer;
}

const base64 = (bytes: Buffer) => bytes.toString("base64").replace(/=+$/, "");

const toPhc = ({ cost, salt, tag }: Phc) =>
	`$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=${cost.parallelism}$${base64(salt)}$${base64(tag)}`;

const PHC =
	/^\$argon2id\$v=19\$m=(\d{1,8}),t=(\d{1,3}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{16,86})$/;

function parsePhc(text: string): Phc | null {
	const [, memory, passes, parallelism, salt, tag] = PHC.exec(text) ?? [];
	if (!salt || !tag) return null;
	const cost = { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) };
	if (cost.memory * cost.passes > COST.memory * COST.passes * STORED_COST_MAX) return null;
	return { cost, salt: Buffer.from(salt, "base64"), tag: Buffer.from(tag, "base64") };
}

/** Whether a stored hash was made with less work than is asked for now. */
export function isOutdated(stored: string, cost: HashCost = COST): boolean {
	const phc = parsePhc(stored);
	if (!phc) return true;
	return (
		phc.cost.memory < cost.memory ||
		phc.cost.passes < cost.passes ||
		phc.cost.parallelism < cost.parallelism ||
		phc.tag.length < TAG_BYTES
	);
}

/** Hashes passwords with argon2id, off the main thread, a bounded number at a time. */
export class Passwords {
	readonly #cost: HashCost;
	readonly #waiting: (() => void)[] = [];
	#running = 0;
	/** How many hashes were computed. Tests count by it that every login costs the same. */
	hashed = 0;

	constructor(cost: HashCost = COST) {
		this.#cost = cost;
	}

	/** A PHC string. @throws UNAVAILABLE while too many wait */
	async hash(password: string): Promise<string> {
		const salt = randomBytes(SALT_BYTES);
		const tag = await this.#derive(password, salt, this.#cost, TAG_BYTES);
		return toPhc({ cost: this.#cost, salt, tag });
	}

	/**
	 * Whether the password is the one that was hashed. Without a hash (no such account, or one that signs in
	 * elsewhere) the same work is done in vain, so that the time tells nothing.
	 */
	async verify(password: string, stored: string | null): Promise<boolean> {
		const phc = stored === null ? null : parsePhc(stored);
		const { cost, salt, tag } = phc ?? { cost: this.#cost, salt: NO_SALT, tag: NO_TAG };
		const derived = await this.#derive(password, salt, cost, tag.length);
		return timingSafeEqual(derived, tag) && phc !== null;
	}

	isOutdated(stored: string): boolean {
		return isOutdated(stored, this.#cost);
	}

	async #derive(password: string, nonce: Buffer, cost: HashCost, tagLength: number): Promise<Buffer> {
		await this.#turn();
		try {
			this.hashed++;
			// The same word typed on two systems may come composed or not.
			return await argon2id({ ...cost, nonce, tagLength, message: password.normalize("NFC") });
		} finally {
			const next = this.#waiting.shift();
			if (next) next();
			else this.#running--;
		}
	}

	/** Waits for a turn, which the one before hands over. */
	#turn(): Promise<void> {
		if (this.#running < RUNNING_MAX) {
			this.#running++;
			return Promise.resolve();
		}
		if (this.#waiting.length >= WAITING_MAX) throw unavailable();
		return new Promise(resolve => this.#waiting.push(resolve));
	}
}

const NO_SALT = Buffer.alloc(SALT_BYTES);
const NO_TAG = Buffer.alloc(TAG_BYTES);

function argon2id(parameters: Parameters<typeof argon2>[1]): Promise<Buffer> {
	return new Promise((resolve, reject) => {
		argon2("argon2id", parameters, (err, key) => (err ? reject(err) : resolve(key)));
	});
}
