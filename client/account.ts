import type { ServerToClient } from "../contracts/socket.ts";
import type { User as WireUser } from "../contracts/users.ts";
import type { ClientOptions, ConnectionState, Times, User } from "./api.ts";
import { repeatable } from "./connection/calls.ts";
import { ParleyError, parleyError, unavailable } from "./errors.ts";
import { KnownUsers } from "./known-users.ts";
import { LateDatabase } from "./late-database.ts";
import type { Link } from "./parts.ts";
import { Listeners, Store } from "./readable.ts";
import type { Storage } from "./storage.ts";
import { memoryStorage } from "./storage-memory.ts";
import { OwnTabs } from "./tabs.ts";
import { subjectOf } from "./token-subject.ts";
import { insist, sleep, waitMs } from "./waits.ts";
import type { RestCall, SocketCall } from "./wire.ts";

const ME = "me";
/** Calls that are under way or wait to be repeated; of further ones the first failure counts. */
const REPEATED_MAX = 100;
/** Between tries: several fit into the time of a call. */
const WAIT_MAX_MS = 2_000;

type Token = ClientOptions["token"];
type AccountOptions = ClientOptions & { times: Times };

/**
 * Who the client speaks for. Until the server, or what was stored of an earlier time, has said whose the token is, the
 * other parts see a connection that is not there yet: nobody's messages go out in another's name, nobody's log mixes
 * with another's.
 */
export class Account implements Link {
	/** Empty until it is known. */
	id = "";
	readonly me = new Store<User | null>(null);
	readonly state = new Store<ConnectionState>({ status: "idle", retryAt: null, error: null });
	readonly db = new LateDatabase();
	readonly tabs: OwnTabs;
	readonly token: Token;
	readonly #options: AccountOptions;
	readonly #storage: Storage;
	readonly #users: KnownUsers;
	readonly #sockets = new Listeners<[]>();
	/** It has ended: for good. */
	readonly ended = new Listeners<[]>();
	readonly #opened = new Listeners<[]>();
	/** Given by `use`, before anybody asks for anything. */
	#link!: Omit<Link, "ask">;
	#insisting = 0;
	/** Whom the first token named; all further ones must name them too. */
	#subject = "";
	/** Whether the server has said, now or earlier, that the token is this user's. */
	#isCertain = false;
	#ended: ParleyError | null = null;
	#isAsking = false;

	constructor(options: AccountOptions) {
		const { url, token, platform = {} } = options;
		this.#options = options;
		this.#storage = platform.storage ?? memoryStorage();
		this.#users = new KnownUsers(this.#storage, url);
		this.tabs = new OwnTabs(platform);
		this.token =
			typeof token === "string"
				? token
				: async refused => {
						const fresh = await token(refused);
						await this.#meet(fresh);
						return fresh;
					};
	}

	/** @param link the connection with this account's `token` */
	use(link: Omit<Link, "ask">): void {
		this.#link = link;
		link.state.subscribe(() => this.#show());
		link.onSocket(() => void this.#arrive());
		link.on("user:updated", user => {
			if (user.id === this.id) this.changed(user);
		});
	}

	/** One's own profile, as the server has just told it; an event leaves out what only oneself may see. */
	changed(user: WireUser): void {
		void this.#keep({ ...this.me.get(), ...user } as User);
	}

	/** Looks for what is stored of the user, where that can be known without a connection. */
	async find(): Promise<void> {
		const { token } = this.#options;
		if (this.id === "") {
			const account = await this.#account();
			const userId = account && (await this.#users.find(account).catch(() => undefined));
			if (userId) await this.#open(userId);
		}
		if (typeof token === "string") await this.#meet(token);
	}

	/** Once it is known who it is and their database is open. */
	onOpen(listener: () => void): void {
		if (this.id === "") this.#opened.add(listener);
		else listener();
	}

	/** It speaks for nobody any more. */
	async end(error: ParleyError, erase: boolean): Promise<void> {
		if (this.#ended) return;
		this.#ended = error;
		this.#show();
		this.ended.call();
		this.me.set(null);
		if (erase) await this.#erase().catch(err => console.error(err));
		this.tabs.close();
		this.db.close();
	}

	async #erase(): Promise<void> {
		const userId = this.id || (await this.#probably());
		if (userId === "") return;
		const name = this.#name(userId);
		if (this.id === "") this.tabs.open(name);
		this.tabs.post({ what: "signed-out" });
		await this.#users.forget(userId).catch(() => {});
		await (this.id === "" ? await this.#storage.open(name) : this.db).erase();
	}

	#name(userId: string): string {
		return `parley ${this.#options.url} ${userId}`;
	}

	get isEnded(): boolean {
		return this.#ended !== null;
	}

	readonly call: SocketCall = async (event, params) => {
		if (this.state.get().status !== "online") throw unavailable("There is no connection.");
		return this.#link.call(event, params);
	};

	readonly ask: SocketCall = (event, params) => this.#insist(() => this.call(event, params));

	readonly rest: RestCall = (route, params) => {
		const same = repeatable(route, params);
		const ask = async (tries: number) => {
			if (this.#ended) throw this.#ended;
			return this.#link.rest(route, same ?? params).catch((err: ParleyError) => {
				// It is gone: the answer of the first try was lost.
				if (tries > 0 && /^DELETE|leave$/.test(route) && err.code === "NOT_FOUND") return null as never;
				throw err;
			});
		};
		return same ? this.#insist(ask) : ask(0);
	};

	/** Begins a call anew while its failure may pass: for the time of one call, and while one wants to be connected. */
	async #insist<T>(ask: (tries: number) => Promise<T>): Promise<T> {
		const { times } = this.#options;
		const endsAt = Date.now() + times.ackMs;
		const often = { ...times, retryMaxMs: Math.min(times.retryMaxMs, WAIT_MAX_MS) };
		const isWanted = (waitMs: number) =>
			this.#insisting <= REPEATED_MAX &&
			Date.now() + waitMs < endsAt &&
			!/^(idle|signed-out)$/.test(this.state.get().status);
		this.#insisting++;
		try {
			return await insist(often, ask, isWanted);
		} finally {
			this.#insisting--;
		}
	}

	on<E extends keyof ServerToClient>(event: E, listener: (payload: ServerToClient[E]) => void): () => void {
		return this.#link.on(event, payload => {
			if (this.#isCertain && !this.#ended) listener(payload);
		});
	}

	onSocket(listener: () => void): () => void {
		return this.#sockets.add(listener);
	}

	onHeads(listener: (heads: Record<string, number>) => void): () => void {
		return this.#link.onHeads(heads => {
			if (this.#isCertain && !this.#ended) listener(heads);
		});
	}

	/** What the application calls the user, or where it says nothing, what the session does. */
	async #account(): Promise<string> {
		const { account, token } = this.#options;
		if (account !== undefined || typeof token === "string") return account ?? "";
		return (await token.account?.().catch(() => undefined)) ?? "";
	}

	/** Who it was to speak for, though nobody has said so yet; empty where that cannot be known. */
	async #probably(): Promise<string> {
		const { token } = this.#options;
		const subject = typeof token === "string" ? subjectOf(token) : this.#subject;
		const names = [await this.#account(), subject].filter(name => name !== "");
		if (names.length === 0) return (await this.#users.only()) ?? "";
		for (const name of names) {
			const userId = await this.#users.find(name);
			if (userId) return userId;
		}
		return "";
	}

	/** @throws ParleyError UNAUTHENTICATED for a token of somebody else */
	async #meet(token: string): Promise<void> {
		const subject = subjectOf(token);
		if (this.#subject !== "" && subject !== this.#subject) throw this.#wrongUser();
		this.#subject = subject;
		if (subject === "" || this.#isCertain) return;
		const userId = await this.#users.find(subject).catch(() => undefined);
		if (userId === undefined || this.#isCertain) return;
		if (this.id !== "" && this.id !== userId) throw this.#wrongUser();
		await this.#open(userId);
		this.#isCertain = true;
	}

	#wrongUser(): ParleyError {
		return new ParleyError("UNAUTHENTICATED", "The token is of another user: a client is for one.");
	}

	async #open(userId: string): Promise<void> {
		if (this.id !== "" || this.#ended) return;
		const name = this.#name(userId);
		// A device that refuses to store anything can still chat.
		const database = await this.#storage.open(name).catch(() => memoryStorage().open(name));
		if (this.id !== "" || this.#ended) return database.close();
		this.id = userId;
		this.tabs.open(name);
		this.db.open(database);
		const stored = await this.db.read(tx => tx.get<User>("kv", ME)).catch(() => undefined);
		if (this.#ended) return;
		if (stored && !this.me.get()) this.me.set(stored);
		this.#opened.call();
	}

	/** A socket is there: whose it is must be certain before anybody uses it. */
	async #arrive(): Promise<void> {
		if (this.#isCertain) this.#pass();
		if (this.#isAsking) return;
		this.#isAsking = true;
		try {
			for (let tries = 0; !this.#ended && this.#link.state.get().status === "online"; tries++) {
				const user = await this.#link.rest("GET /users/me", {}).catch(parleyError);
				if (!(user instanceof ParleyError)) return await this.#is(user as User);
				await sleep(waitMs(this.#options.times, tries, user));
			}
		} finally {
			this.#isAsking = false;
		}
	}

	async #is(user: User): Promise<void> {
		await this.#open(user.id);
		if (user.id !== this.id) {
			// What was remembered is wrong, as after a server was set up anew: the next client asks.
			await this.#users.forget(this.id).catch(() => {});
			return this.end(this.#wrongUser(), false);
		}
		await this.#keep(user);
		if (this.#isCertain) return;
		const names = [this.#subject, await this.#account()].filter(name => name !== "");
		await this.#users.add(names, user.id).catch(() => {});
		this.#isCertain = true;
		if (this.#link.state.get().status === "online") this.#pass();
	}

	async #keep(user: User): Promise<void> {
		this.me.set(user);
		await this.db.write(tx => tx.put("kv", ME, user)).catch(() => {});
	}

	#pass(): void {
		this.#show();
		if (!this.#ended) this.#sockets.call();
	}

	#show(): void {
		const real = this.#link.state.get();
		if (this.#ended) this.state.set({ status: "signed-out", retryAt: null, error: this.#ended });
		else if (real.status === "online" && !this.#isCertain)
			this.state.set({
				...real,
				status: this.state.get().status === "idle" ? "connecting" : this.state.get().status,
			});
		else this.state.set(real);
	}
}
