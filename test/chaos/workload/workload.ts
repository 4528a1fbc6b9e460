/** People who keep talking on all their devices, whatever happens to the servers, and a record of all of it. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Message } from "../../../contracts/messages.ts";
import { api } from "../../support/http.ts";
import { ok, type Person } from "../../support/people.ts";
import { type Deed, isSend, type Roam, type Send } from "../record.ts";
import type { Stage } from "../stage.ts";
import { ANSWER_MS, BareDevice } from "./bare.ts";
import { doBare } from "./bare-deeds.ts";
import { type Cast, gather, insist } from "./cast.ts";
import { Choices, MIX, type Mix } from "./choices.ts";
import { SdkDevice } from "./sdk.ts";
import { doSdk } from "./sdk-deeds.ts";

export interface WorkOptions {
	/** The same deeds in the same order for the same seed, as far as answers come in the same order. */
	seed: number;
	mix?: Partial<Mix>;
	/** Between two deeds of one lane. */
	pauseMs?: number;
	/** How many of them a bare device does at once. */
	lanes?: number;
}

/** The SDK's outbox does one thing after another in a chat: more than it can do would only wait. */
const SDK_PAUSE_FACTOR = 3;
const SDK_WAITING_MAX = 40;
const OFFLINE_PAUSE_MS = 50;
const ROAM_PAUSE_MS = 400;
const ONLINE_WITHIN_MS = 30_000;
const READY_WITHIN_MS = 60_000;

export class Workload {
	readonly cast: Cast;
	readonly deeds: Deed[] = [];
	readonly bare: BareDevice[];
	readonly sdk: readonly SdkDevice[];
	readonly #options: WorkOptions;
	#running: Promise<void>[] = [];
	#isOver = true;

	private constructor(cast: Cast, bare: BareDevice[], sdk: SdkDevice[], options: WorkOptions) {
		this.cast = cast;
		this.bare = bare;
		this.sdk = sdk;
		this.#options = options;
	}

	/** New people in new chats, each with a device or two, on different nodes. */
	static on(stage: Stage, options: WorkOptions): Promise<Workload> {
		const late = sleep(READY_WITHIN_MS).then(() => {
			throw new Error("The devices do not get ready.");
		});
		return Promise.race([Workload.#gather(stage, options), late]);
	}

	static async #gather(stage: Stage, options: WorkOptions): Promise<Workload> {
		const cast = await gather(stage);
		const [ann, ben, cem, dan] = cast.people as [Person, Person, Person, Person];
		const [first, last] = [stage.urls[0] as string, stage.urls.at(-1) as string];
		const bare = await Promise.all([
			BareDevice.on(first, ann, "ann, bare"),
			BareDevice.on(last, ben, "ben, bare"),
			BareDevice.on(last, cem, "cem, bare"),
		]);
		const sdk = await Promise.all([
			SdkDevice.on(last, ann, "ann, SDK", cast.chatIds),
			SdkDevice.on(first, dan, "dan, SDK", cast.chatIds),
		]);
		return new Workload(cast, bare, sdk, options);
	}

	get devices(): readonly (BareDevice | SdkDevice)[] {
		return [...this.bare, ...this.sdk];
	}

	/** Sends that were acknowledged so far. */
	get acknowledged(): number {
		return this.deeds.reduce((sum, deed) => sum + Number(isSend(deed) && deed.outcome === "ok"), 0);
	}

	start(): void {
		const { seed, lanes = 2 } = this.#options;
		this.#isOver = false;
		const bare = this.bare.flatMap(device => Array.from({ length: lanes }, () => device));
		this.#running = [
			...bare.map((device, n) => this.#runBare(device, new Choices(seed + n))),
			...this.sdk.map((device, n) => this.#runSdk(device, new Choices(seed + 100 + n))),
			this.#roam(new Choices(seed + 200)),
		];
	}

	/** One more device of somebody, who talks on it too. */
	async enter(url: string): Promise<void> {
		const { people } = this.cast;
		const n = this.bare.length;
		const who = people[n % people.length] as Person;
		const device = await BareDevice.on(url, who, `${who.username}, bare ${n + 1}`);
		this.bare.push(device);
		this.#running.push(this.#runBare(device, new Choices(this.#options.seed + n * 1_000)));
	}

	/** Ends with what is under way. */
	async stop(): Promise<void> {
		this.#isOver = true;
		await Promise.all(this.#running);
	}

	/** One message more in each chat, once all is well again: whoever is connected must hear it, and all before it. */
	async lastWords(): Promise<void> {
		const deadline = Date.now() + ONLINE_WITHIN_MS;
		while (!this.devices.every(({ isOnline }) => isOnline) && Date.now() < deadline) await sleep(50);
		for (const chatId of this.cast.chatIds) await this.say(chatId);
	}

	/** Says something in a chat over REST, until it is acknowledged. @param url a node. @throws where it is refused */
	async say(chatId: string, url: string = this.cast.people[0]?.urls[0] ?? ""): Promise<void> {
		const { id, token } = this.cast.people[0] as Person;
		const clientId = randomUUID();
		const asked = { by: id, chatId, outcome: "unknown" as const, at: Date.now(), ms: 0, errors: 0 };
		const send: Send = { ...asked, does: "send", clientId, content: `said ${clientId}`, mentions: [] };
		this.deeds.push(send);
		const { content } = send;
		const say = () =>
			api(url, token).post(`/chats/${chatId}/messages`, { content }, { "idempotency-key": clientId });
		const { id: messageId, seq } = ok<Message>(await insist(say));
		Object.assign(send, { outcome: "ok", id: messageId, seq });
	}

	async end(): Promise<void> {
		this.#isOver = true;
		await Promise.all(this.devices.map(device => device.end()));
	}

	async #runBare(device: BareDevice, choices: Choices): Promise<void> {
		const { mix, pauseMs = 0 } = this.#options;
		const all = { ...MIX, ...mix };
		const doing = {
			device,
			cast: this.cast,
			choices,
			note: (deed: Deed) => void this.deeds.push(deed),
			isOver: () => this.#isOver,
		};
		while (!this.#isOver) {
			if (device.isOnline) await doBare(choices.deed(all), doing);
			await sleep(device.isOnline ? pauseMs : OFFLINE_PAUSE_MS);
		}
	}

	async #runSdk(sdk: SdkDevice, choices: Choices): Promise<void> {
		const { mix, pauseMs = 0 } = this.#options;
		const all = { ...MIX, ...mix };
		while (!this.#isOver) {
			const isFree = sdk.device.client.waiting.get() < SDK_WAITING_MAX;
			const deed = isFree ? sdk.trying(() => doSdk(choices.deed(all), sdk, this.cast, choices)) : null;
			if (deed) this.deeds.push(deed);
			await sleep(SDK_PAUSE_FACTOR * (pauseMs + 10));
		}
	}

	/** Comes and goes, over REST. */
	async #roam(choices: Choices): Promise<void> {
		const { roamer, channelId: chatId } = this.cast;
		for (let isIn = false; !this.#isOver; await sleep(ROAM_PAUSE_MS + choices.chance() * ROAM_PAUSE_MS)) {
			const does = isIn ? "leave" : "join";
			const roam: Roam = {
				by: roamer.id,
				chatId,
				does,
				outcome: "unknown",
				at: Date.now(),
				ms: 0,
				errors: 0,
			};
			this.deeds.push(roam);
			const startedAt = performance.now();
			const asked = roamer.rest.post(`/chats/${chatId}/${does}`).catch(() => null);
			const answer = await Promise.race([asked, sleep(ANSWER_MS, null)]);
			roam.ms = performance.now() - startedAt;
			if (answer && answer.status < 300) roam.outcome = "ok";
			else if (answer && answer.status < 500) roam.outcome = "failed";
			// A refusal says that an earlier one, whose outcome was unknown, has happened.
			if (roam.outcome !== "unknown") isIn = !isIn;
		}
	}
}
