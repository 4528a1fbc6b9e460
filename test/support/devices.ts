/** Devices with the SDK on them, each behind a line of its own that can fail, which are switched off and on as users do. */
import type { ChatHandle, Client, ClientEvents, Platform, Times } from "../../client/api.ts";
import { createClient } from "../../client/client.ts";
import type { Database, Storage } from "../../client/storage.ts";
import { newBrowser } from "./clients.ts";
import { type FaultyLine, faultyLine } from "./faulty-line.ts";

const TIMES: Times = {
	graceMs: 500,
	unreachableMs: 2_000,
	retryMinMs: 10,
	retryMaxMs: 60,
	heartbeatMs: 1_500,
	ackMs: 2_500,
};

export interface Who {
	id: string;
	token: string;
}

/** What survives a reload: a browser with its storage, and how its chats are open. */
export class Device {
	readonly who: Who;
	readonly line: FaultyLine;
	readonly failed: ClientEvents["failed"][] = [];
	client: Client;
	readonly #browser: () => Platform;
	readonly #times: Partial<Times>;
	readonly #open = new Map<string, () => void>();
	#die: () => void = () => {};
	#database = "";

	private constructor(who: Who, line: FaultyLine, browser: () => Platform, times: Partial<Times>) {
		this.who = who;
		this.line = line;
		this.#browser = browser;
		this.#times = times;
		this.client = this.#start();
	}

	static async on(url: string, who: Who, times: Partial<Times> = {}): Promise<Device> {
		return new Device(who, await faultyLine(url), newBrowser(), times);
	}

	/** One more tab of the same browser, behind the same line. */
	tab(): Device {
		return new Device(this.who, this.line, this.#browser, this.#times);
	}

	chat(chatId: string): ChatHandle {
		return this.client.chat(chatId);
	}

	isOpen(chatId: string): boolean {
		return this.#open.has(chatId);
	}

	open(chatId: string): void {
		if (!this.#open.has(chatId)) this.#open.set(chatId, this.chat(chatId).open());
	}

	shut(chatId: string): void {
		this.#open.get(chatId)?.();
		this.#open.delete(chatId);
	}

	/** The page goes without a word, and comes back with what was stored and the same chats open. */
	reload(): void {
		const open = [...this.#open.keys()];
		this.off();
		this.client = this.#start();
		for (const chatId of open) this.open(chatId);
	}

	/** The page goes without a word. */
	off(): void {
		this.#die();
		this.client.disconnect();
		this.#open.clear();
	}

	/** Past the page: what its browser holds of the user. */
	async database(): Promise<Database> {
		const { storage } = this.#browser();
		return (storage as Storage).open(this.#database);
	}

	async end(): Promise<void> {
		this.off();
		await this.line.close();
	}

	#start(): Client {
		const page = new Page();
		this.#die = () => page.end();
		const { token } = this.who;
		const client = createClient({
			url: this.line.url,
			token: () => token,
			platform: page.platform(this.#browser(), name => {
				if (name.includes(this.who.id)) this.#database = name;
			}),
			times: { ...TIMES, ...this.#times },
		});
		client.on("failed", failure => this.failed.push(failure));
		client.connect();
		return client;
	}
}

/** What a page has of its browser, until it is gone: then it hears and writes nothing more, and its locks are free. */
class Page {
	#isGone = false;
	#end: () => void = () => {};
	readonly #ended = new Promise<void>(resolve => {
		this.#end = resolve;
	});

	end(): void {
		this.#isGone = true;
		this.#end();
	}

	/** @param opened is told the names of databases */
	platform(browser: Platform, opened: (name: string) => void): Platform {
		const { storage, lock, channel } = browser as Required<Pick<Platform, "storage" | "lock" | "channel">>;
		const never = new Promise<never>(() => {});
		const living = <T>(use: () => Promise<T>): Promise<T> =>
			this.#isGone
				? never
				: use().then(
						value => (this.#isGone ? never : value),
						err => (this.#isGone ? never : Promise.reject(err)),
					);
		const mortal: Storage = {
			open: name =>
				living(async () => {
					opened(name);
					const database = await storage.open(name);
					return {
						...database,
						read: work => living(() => database.read(work)),
						write: work => living(() => database.write(work)),
					};
				}),
		};
		return {
			storage: mortal,
			lock: <T>(name: string, work: () => Promise<T>) =>
				lock(name, () =>
					this.#isGone ? Promise.resolve() : Promise.race([work(), this.#ended]),
				) as Promise<T>,
			channel: (name, listener) => {
				const own = channel(name, text => {
					if (!this.#isGone) listener(text);
				});
				return {
					post: text => {
						if (!this.#isGone) own.post(text);
					},
					close: own.close,
				};
			},
		};
	}
}
