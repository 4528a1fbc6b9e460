import type { Database, Storage } from "./storage.ts";

const KNOWN_MAX = 50;
const KEY = "users";

type Known = [name: string, userId: string][];

/** Who on this device has which user id at a server, so that a start without a connection finds what is theirs. */
export class KnownUsers {
	readonly #database: Promise<Database>;

	constructor(storage: Storage, url: string) {
		this.#database = storage.open(`parley ${url}`);
		this.#database.catch(() => {});
	}

	/** @param name what a token or the application calls them */
	async find(name: string): Promise<string | undefined> {
		const known = await (await this.#database).read(tx => tx.get<Known>("kv", KEY));
		return known?.find(([key]) => key === name)?.[1];
	}

	/** The only user that this device knows at the server. */
	async only(): Promise<string | undefined> {
		const known = await (await this.#database).read(tx => tx.get<Known>("kv", KEY));
		const [userId, ...others] = new Set(known?.map(([, id]) => id));
		return others.length === 0 ? userId : undefined;
	}

	async add(names: readonly string[], userId: string): Promise<void> {
		await this.#edit(known => {
			const others = known.filter(([name]) => !names.includes(name));
			return [...others, ...names.map((name): [string, string] => [name, userId])].slice(-KNOWN_MAX);
		});
	}

	async forget(userId: string): Promise<void> {
		await this.#edit(known => known.filter(([, id]) => id !== userId));
	}

	async #edit(change: (known: Known) => Known): Promise<void> {
		const database = await this.#database;
		await database.write(async tx => tx.put("kv", KEY, change((await tx.get<Known>("kv", KEY)) ?? [])));
	}
}
