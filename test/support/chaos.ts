/** People with devices in two chats, who do anything at any time over bad lines; at the end all must agree. */
import { randomUUID } from "node:crypto";
import fc from "fast-check";
import type { ChatState, ShownMessage } from "../../client/api.ts";
import type { Changes } from "../../contracts/messages.ts";
import { chanceOf } from "./chance.ts";
import { until } from "./clients.ts";
import { Device } from "./devices.ts";
import { type Answer, api } from "./http.ts";
import { sleep } from "./links.ts";
import { ok } from "./people.ts";
import { foreignToken } from "./tokens.ts";

const nat = (max: number) => fc.nat({ max });
/** Ann has two tabs, ben and carol a device each. */
const DEVICES = 4;
const which = { device: nat(DEVICES - 1), chat: nat(1) };
const about = { ...which, back: nat(9) };
const doing = <const K extends string, F extends object>(
	weight: number,
	does: K,
	fields: { [P in keyof F]: fc.Arbitrary<F[P]> },
) => ({ weight, arbitrary: fc.record({ does: fc.constant(does), ...fields } as never) });

export interface Deed {
	does: string;
	device: number;
	chat: number;
	back: number;
	ms: number;
	who: number;
	harm: number;
}

export const deed = fc.oneof(
	doing(10, "send", which),
	doing(3, "edit", about),
	doing(2, "delete", about),
	doing(3, "react", about),
	doing(1, "unreact", about),
	doing(1, "pin", about),
	doing(1, "unpin", about),
	doing(2, "read", about),
	doing(1, "retry", about),
	doing(1, "discard", about),
	doing(1, "add", { chat: nat(1), who: nat(1) }),
	doing(1, "remove", { chat: nat(1), who: nat(1) }),
	doing(1, "leave", { device: nat(DEVICES - 1), chat: nat(1) }),
	doing(1, "rename", { chat: nat(1) }),
	doing(2, "open", which),
	doing(1, "shut", which),
	doing(2, "older", which),
	doing(1, "newer", which),
	doing(2, "jump", about),
	doing(1, "latest", which),
	doing(2, "offline", { device: nat(DEVICES - 1) }),
	doing(2, "online", { device: nat(DEVICES - 1) }),
	doing(2, "cut", { device: nat(DEVICES - 1) }),
	doing(2, "reload", { device: nat(DEVICES - 1) }),
	doing(3, "weather", { device: nat(DEVICES - 1), harm: nat(3) }),
	doing(5, "wait", { ms: nat(60) }),
) as fc.Arbitrary<Deed>;

/** What the lines do: nothing, lose, delay and double, or all of it badly. */
const HARM = [
	{ lost: 0, late: 0, twice: 0 },
	{ lost: 0.2, late: 0, twice: 0 },
	{ lost: 0, late: 0.5, twice: 0.3 },
	{ lost: 0.3, late: 0.4, twice: 0.3 },
] as const;

export class World {
	readonly url: string;
	readonly devices: Device[] = [];
	readonly chatIds: string[] = [];
	readonly #tokens: string[] = [];
	readonly #ids: string[] = [];
	/** clientIds by device and chat, in the order of sending. */
	readonly sent: { device: number; chatId: string; clientId: string }[] = [];
	/** clientIds that the user gave up, so that both is right. */
	readonly givenUp = new Set<string>();
	readonly #chance: () => number;

	private constructor(url: string, seed: number) {
		this.url = url;
		this.#chance = chanceOf(seed);
	}

	static async start(url: string, seed: number): Promise<World> {
		const world = new World(url, seed);
		const run = randomUUID();
		for (const name of ["ann", "ben", "carol"]) {
			const token = foreignToken(`${name} ${run}`, { name });
			world.#tokens.push(token);
			world.#ids.push(ok<{ id: string }>(await world.#insist(() => api(url, token).get("/users/me"))).id);
		}
		const [ann, ben, carol] = world.#ids.map((id, index) => ({ id, token: world.#tokens[index] as string }));
		for (const type of ["group", "channel"]) {
			const body = { type, name: "chaos", participantIds: [ben?.id, carol?.id] };
			const chat = ok<{ id: string }>(await world.#insist(() => world.#as(0).post("/chats", body)));
			world.chatIds.push(chat.id);
			// History, so that there is something to page through.
			const length = type === "group" && seed % 3 === 0 ? 90 : 3;
			const words = Array.from({ length }, (_, n) => ({ content: `history ${n}` }));
			await Promise.all(
				words.map(body => world.#insist(() => world.#as(0).post(`/chats/${chat.id}/messages`, body))),
			);
		}
		const first = await Device.on(url, ann as never);
		world.devices.push(first, first.tab());
		world.devices.push(await Device.on(url, ben as never), await Device.on(url, carol as never));
		for (const device of world.devices) for (const chatId of world.chatIds) device.open(chatId);
		// Before it is known who one is, nothing can be stored.
		await Promise.all(world.devices.map(({ client }) => until(client.me, me => me !== null)));
		return world;
	}

	#as(person: number) {
		return api(this.url, this.#tokens[person]);
	}

	/** A machine that has much to do may say that it has: that is no matter of this test. */
	async #insist<T>(call: () => Promise<Answer<T>>): Promise<Answer<T>> {
		for (let tries = 1; ; tries++) {
			const answer = await call();
			if (answer.status !== 503 || tries === 10) return answer;
			await sleep(500);
		}
	}

	/** Whose device it is. */
	personOf(device: number): number {
		return Math.max(0, device - 1);
	}

	async do({ does, ...it }: Deed): Promise<void> {
		const device = this.devices[it.device ?? 0] as Device;
		const chatId = this.chatIds[it.chat ?? 0] as string;
		const chat = device.chat(chatId);
		const message = () => this.#pick(chat.state.get(), it.back);
		const id = () => message()?.id ?? "";
		const quietly = (call: Promise<unknown>) => void call.catch(() => {});
		switch (does) {
			case "send": {
				const content = `${this.sent.length} by ${it.device}`;
				const { clientId } = chat.send({ content });
				this.sent.push({ device: it.device, chatId, clientId });
				break;
			}
			case "edit":
				if (message()?.isOwn) chat.edit(id(), { content: `edited ${this.#chance()}` });
				break;
			case "delete": {
				const shown = message();
				if (!shown?.isOwn) break;
				if (shown.seq === null) this.givenUp.add(shown.clientId);
				chat.delete(shown.id);
				break;
			}
			case "react":
			case "unreact":
				if (id()) chat[does](id(), it.back % 2 ? "👍" : "🎉");
				break;
			case "pin":
			case "unpin":
				if (id()) chat[does](id());
				break;
			case "read":
				// Before anything is loaded, nobody knows where the chat ends.
				quietly(Promise.resolve().then(() => chat.markRead(message()?.seq ?? undefined)));
				break;
			case "retry":
			case "discard": {
				const shown = message();
				if (does === "discard" && shown?.seq === null) this.givenUp.add(shown.clientId);
				if (shown) chat[does](shown.key);
				break;
			}
			case "add":
				quietly(
					this.devices[0]?.chat(chatId).addMembers([this.#ids[1 + it.who] as string]) ?? Promise.resolve(),
				);
				break;
			case "remove":
				quietly(this.#as(0).delete(`/chats/${chatId}/members/${this.#ids[1 + it.who]}`));
				break;
			case "leave":
				if (it.device > 1) quietly(chat.leave());
				break;
			case "rename":
				quietly(this.#as(0).patch(`/chats/${chatId}`, { name: `named ${this.#chance()}` }));
				break;
			case "open":
				device.open(chatId);
				break;
			case "shut":
				device.shut(chatId);
				break;
			case "older":
				quietly(chat.loadOlder());
				break;
			case "newer":
				quietly(chat.loadNewer());
				break;
			case "jump":
				quietly(chat.jumpTo({ seq: 1 + it.back * 7 }));
				break;
			case "latest":
				quietly(chat.jumpToLatest());
				break;
			case "offline":
			case "online":
				device.line.block(does === "offline");
				break;
			case "cut":
				device.line.cut();
				break;
			case "reload":
				// What was written in this very instant is not yet stored.
				await sleep(5);
				device.reload();
				break;
			case "weather":
				this.#weather(device, HARM[it.harm] ?? HARM[0]);
				break;
			default:
				await sleep(it.ms);
		}
	}

	#weather({ line }: Device, { lost, late, twice }: (typeof HARM)[number]): void {
		const chance = this.#chance;
		const one = () => (chance() < late ? 1 + Math.floor(chance() * 150) : 0);
		line.fate = () => {
			if (chance() < lost) return [];
			return chance() < twice ? [one(), one()] : [one()];
		};
	}

	#pick({ messages }: ChatState, back: number): ShownMessage | undefined {
		return messages.at(-1 - back);
	}

	/** The lines are good again, and everybody looks. */
	heal(): void {
		for (const { line } of this.devices) {
			line.fate = () => [0];
			line.block(false);
			line.cut();
		}
		for (const device of this.devices) for (const chatId of this.chatIds) device.open(chatId);
	}

	/** What the server says to each person of each chat; null where they may not see it. */
	async truth(): Promise<Map<string, Truth | null>> {
		const all = new Map<string, Truth | null>();
		for (const chatId of this.chatIds) {
			const [whole] = await this.#changes(0, chatId, 0);
			for (let page = whole as Truth; page.hasMore; ) {
				[page] = (await this.#changes(0, chatId, page.rev)) as [Truth];
				const { messages, members } = whole as Truth;
				Object.assign(whole as Truth, page, {
					messages: [...messages, ...page.messages],
					members: [...members, ...page.members],
				});
			}
			all.set(`${chatId} 0`, whole as Truth);
			for (const person of [1, 2]) {
				const [own] = await this.#changes(person, chatId, (whole as Truth).rev);
				all.set(`${chatId} ${person}`, own && { ...(whole as Truth), self: own.self, rev: own.rev });
			}
		}
		return all;
	}

	async #changes(person: number, chatId: string, since: number): Promise<[Truth | null]> {
		const { status, body } = await this.#insist(() =>
			this.#as(person).get<Truth>(`/chats/${chatId}/changes?since=${since}&limit=200`),
		);
		return [status === 200 ? body : null];
	}

	async end(): Promise<void> {
		await Promise.all([...new Set(this.devices)].map(device => device.end().catch(() => {})));
	}
}

export type Truth = Changes;
