/** People at the running form: they send on the first node, listen on the last, and their REST calls go round. */
import { randomBytes } from "node:crypto";
import type { Chat } from "../../contracts/chats.ts";
import type { Message } from "../../contracts/messages.ts";
import { type Answer, api } from "./http.ts";
import { ClientModel, type Source } from "./model.ts";
import { connect, type TestSocket } from "./socket.ts";

/** One address a node of the form that this file's tests run against. */
export const urls = (): string[] => (process.env.PARLEY_URLS ?? "").split(",").filter(Boolean);

let turn = 0;
const nextUrl = (all: string[]) => all[turn++ % all.length] as string;

const open = new Set<TestSocket>();

/** Closes all sockets of the file's people. */
export function goHome(): void {
	for (const socket of open) socket.close();
	open.clear();
}

export class Person {
	readonly id: string;
	readonly username: string;
	readonly password: string;
	token: string;
	refreshToken: string;
	readonly urls: string[];

	constructor(facts: {
		id: string;
		username: string;
		password: string;
		token: string;
		refreshToken: string;
		urls: string[];
	}) {
		this.id = facts.id;
		this.username = facts.username;
		this.password = facts.password;
		this.token = facts.token;
		this.refreshToken = facts.refreshToken;
		this.urls = facts.urls;
	}

	/** REST on the next node. */
	get rest() {
		return api(nextUrl(this.urls), this.token);
	}

	/** A socket where messages are sent: the first node. */
	sender(): Promise<TestSocket> {
		return this.#connect(this.urls[0] as string);
	}

	/** A socket where they are heard: the last node. */
	receiver(): Promise<TestSocket> {
		return this.#connect(this.urls.at(-1) as string);
	}

	async #connect(url: string): Promise<TestSocket> {
		const socket = await connect(url, this.token);
		open.add(socket);
		return socket;
	}

	/** A careful client's model, fed by a socket; it asks over REST. */
	async model(socket?: TestSocket): Promise<ClientModel> {
		const model = new ClientModel(this.id, this.source());
		socket?.onEvery((name, payload) => model.take(name, payload));
		await model.load();
		return model;
	}

	source(): Source {
		const ask = async <T>(path: string) => ok<T>(await this.rest.get(path));
		return {
			changes: (chatId, since) => ask(`/chats/${chatId}/changes?since=${since}&limit=200`),
			inbox: cursor => ask(`/inbox?limit=200${cursor ? `&cursor=${cursor}` : ""}`),
			inboxChanges: since => ask(`/inbox/changes?since=${since}`),
		};
	}

	async chat(body: Record<string, unknown>): Promise<Chat> {
		return ok<Chat>(await this.rest.post("/chats", { participantIds: [], ...body }));
	}

	async group(...others: Person[]): Promise<Chat> {
		return this.chat({ type: "group", name: "a group", participantIds: others.map(({ id }) => id) });
	}

	/** The one chat of the two. */
	async direct(other: Person): Promise<Chat> {
		return this.chat({ participantIds: [other.id] });
	}

	/** Another session of the same account. */
	async signIn(headers: Record<string, string> = {}): Promise<Person> {
		const body = { login: this.username, password: this.password };
		const answer = await api(nextUrl(this.urls)).post("/auth/login", body, headers);
		const { accessToken, refreshToken } = ok<{ accessToken: string; refreshToken: string }>(answer);
		const { id, username, password, urls } = this;
		return new Person({ id, username, password, token: accessToken, refreshToken, urls });
	}

	async say(chatId: string, content: string, more: Record<string, unknown> = {}): Promise<Message> {
		return ok<Message>(await this.rest.post(`/chats/${chatId}/messages`, { content, ...more }));
	}
}

/** A new account. */
export async function person(name = "p", at: string[] = urls()): Promise<Person> {
	const username = `${name}.${randomBytes(5).toString("hex")}`;
	const password = `${username} knows a secret`;
	const answer = await api(nextUrl(at)).post("/auth/register", {
		username,
		email: `${username}@example.com`,
		password,
		displayName: name,
	});
	const { user, accessToken, refreshToken } = ok<{
		user: { id: string };
		accessToken: string;
		refreshToken: string;
	}>(answer);
	return new Person({ id: user.id, username, password, token: accessToken, refreshToken, urls: at });
}

export const people = <const N extends readonly string[]>(...names: N): Promise<{ [K in keyof N]: Person }> =>
	Promise.all(names.map(name => person(name))) as unknown as Promise<{ [K in keyof N]: Person }>;

/** The body of an answer that succeeded. */
export function ok<T>({ status, body }: Answer): T {
	if (status >= 300) throw new Error(`The call answered ${status}: ${JSON.stringify(body)}`);
	return body as T;
}
