import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { figure, inWords } from "../support/figure.ts";
import { type Ground, prepareGround } from "../support/ground.ts";
import { Load } from "../support/load.ts";
import type { Source } from "../support/model.ts";
import { ClientModel } from "../support/model.ts";
import { goHome, ok, type Person, person } from "../support/people.ts";
import { proxy, type TcpProxy } from "../support/proxy.ts";
import { check, NOTHING } from "../support/record.ts";
import { connect, type TestSocket } from "../support/socket.ts";

const CLIENTS = 10;
const CUTS_EACH = 20;
/** Cut at the latest, once it has caught up. */
const LIFE_MS_MAX = 600;
/** Cut within that time whatever it is doing. */
const isHasty = () => Math.random() < 0.2;

/** Some in the handshake or while it catches up, most later. */
const bytesUntilCut = () => Math.floor(Math.random() * (Math.random() < 0.2 ? 2_000 : 150_000));

let ground: Ground;

beforeAll(async () => {
	ground = await prepareGround();
}, 120_000);

afterAll(async () => {
	goHome();
	await ground?.stop();
});

/** Asks over the socket that there is at the moment. */
function over(current: () => TestSocket): Source {
	const ask = async <T>(event: string, payload: object): Promise<T> => {
		const { status, ...body } = await current().emit(event, payload);
		return ok<T>({ status: status === "ok" ? 200 : 500, headers: new Headers(), body });
	};
	return {
		changes: (chatId, since) => ask("chat:changes", { chatId, since, limit: 200 }),
		inbox: cursor => ask("inbox:list", { ...(cursor && { cursor }) }),
		inboxChanges: since => ask("inbox:sync", { since }),
	};
}

/** A device whose links are cut at random, and which comes back at the next node each time. */
class Traveller {
	readonly model: ClientModel;
	/** Revisions of one connection that were not each one beyond the last. */
	jumps: string[] = [];
	/** Connections on which it caught up before they were cut. */
	resumed = 0;
	readonly #owner: Person;
	readonly #links: TcpProxy[];
	#socket: TestSocket | undefined;

	constructor(owner: Person, links: TcpProxy[]) {
		this.#owner = owner;
		this.#links = links;
		this.model = new ClientModel(
			owner.id,
			over(() => this.#socket as TestSocket),
		);
	}

	async open(turn: number): Promise<TestSocket> {
		const { port } = this.#links[turn % this.#links.length] as TcpProxy;
		this.#socket = await connect(`http://127.0.0.1:${port}`, this.#owner.token);
		return this.#socket;
	}

	/** Catches up by its cursors, then takes what was told meanwhile and whatever comes. */
	async resume(socket: TestSocket): Promise<void> {
		await this.model.resume();
		socket.onEvery((name, payload) => this.model.take(name, payload));
		this.resumed++;
	}

	async live(turn: number): Promise<void> {
		const link = this.#links[turn % this.#links.length] as TcpProxy;
		link.cutAfterBytes(bytesUntilCut());
		const timers: NodeJS.Timeout[] = [];
		const cutSoon = () => timers.push(setTimeout(() => link.cut(), Math.random() * LIFE_MS_MAX));
		if (isHasty()) cutSoon();
		try {
			const socket = await this.open(turn);
			await this.resume(socket).catch(() => {});
			cutSoon();
			await socket.closed;
			await this.model.idle();
			this.#look(socket);
		} catch {
			// Cut while it connected.
			await sleep(20);
		}
		for (const timer of timers) clearTimeout(timer);
		await link.pass();
	}

	#look({ events }: TestSocket): void {
		const revs = new Map<string, number>();
		for (const { name, data } of events) {
			if (name !== "message") continue;
			const last = revs.get(data.chatId);
			if (last !== undefined && data.rev !== last + 1)
				this.jumps.push(`${data.chatId} ${last} → ${data.rev}`);
			revs.set(data.chatId, data.rev);
		}
	}
}

test("I12: clients cut at any byte 200 times go on at another node by their cursors, with no gap and nothing twice", async () => {
	const { urls } = ground;
	const crowd = (await Promise.all(["ann", "ben"].map(name => person(name, urls)))) as [Person, Person];
	const [ann, ben] = crowd;
	const chats = await Promise.all([ann.group(ben), ben.group(ann), ann.direct(ben)]);
	const ids = chats.map(({ id }) => id);
	const links = await Promise.all(
		Array.from({ length: CLIENTS }, () => Promise.all(urls.map(url => proxy(url)))),
	);
	const travellers = links.map((own, n) => new Traveller(crowd[n % 2] as Person, own));
	for (const traveller of travellers) {
		await traveller.open(1);
		await traveller.model.load();
	}

	const load = new Load({ senders: crowd, chatIds: ids, parallel: 4, pauseMs: 60 });
	await Promise.all(
		travellers.map(async traveller => {
			for (let cut = 0; cut < CUTS_EACH; cut++) await traveller.live(cut);
		}),
	);
	const operations = await load.stop();
	const resumed = travellers.reduce((sum, traveller) => sum + traveller.resumed, 0);
	for (const traveller of travellers) {
		await traveller.resume(await traveller.open(0));
		await traveller.model.idle();
	}

	const stored = await ground.stored(ids);
	expect(stored.length).toBeGreaterThan(100);
	// Else it would have been the connecting only that was cut.
	expect(resumed).toBeGreaterThan((CLIENTS * CUTS_EACH) / 4);
	const models = travellers.map(({ model }) => model);
	expect(
		check(
			operations,
			stored,
			models.map(({ shown }) => shown),
		),
	).toEqual(NOTHING);
	expect(travellers.flatMap(({ jumps }) => jumps)).toEqual([]);
	expect(models.map(({ gaps, resets }) => ({ gaps, resets }))).toEqual(
		models.map(() => ({ gaps: 0, resets: 0 })),
	);
	await Promise.all(links.flat().map(link => link.close()));
	figure(
		"I12",
		`${inWords(CLIENTS * CUTS_EACH)} cuts, ${inWords(resumed)} of them after catching up, ${inWords(stored.length)} messages: no gap, nothing twice`,
	);
}, 150_000);
