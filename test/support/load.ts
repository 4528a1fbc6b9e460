/** People who keep sending over REST, whatever happens to the servers, and note how each send ended. */
import { randomUUID } from "node:crypto";
import type { Message } from "../../contracts/messages.ts";
import type { Person } from "./people.ts";
import type { Operation } from "./record.ts";

const ANSWER_MAX_MS = 8_000;
const REPEAT_AFTER_MS = 200;

export interface LoadOptions {
	senders: Person[];
	chatIds: string[];
	/** Sends under way at once. */
	parallel: number;
	/** Pause between two sends of one lane, in ms. */
	pauseMs?: number;
	/** Repeats an unknown or refused-for-now send with its key until it is known, so many times. */
	triesMax?: number;
	/** After so long without an answer, the outcome is unknown. */
	answerMs?: number;
}

export class Load {
	readonly operations: Operation[] = [];
	/** Repeats that the server answered with what an earlier try had made. */
	replayed = 0;
	readonly #options: LoadOptions;
	#running = true;
	readonly #lanes: Promise<void>[];

	constructor(options: LoadOptions) {
		this.#options = options;
		this.#lanes = Array.from({ length: options.parallel }, (_, lane) => this.#run(lane));
	}

	get ok(): number {
		return this.operations.filter(({ outcome }) => outcome === "ok").length;
	}

	/** Ends after the sends that are under way. */
	async stop(): Promise<Operation[]> {
		this.#running = false;
		await Promise.all(this.#lanes);
		return this.operations;
	}

	async #run(lane: number): Promise<void> {
		const { senders, chatIds, pauseMs = 0, triesMax = 1 } = this.#options;
		for (let n = lane; this.#running; n += 7) {
			const sender = senders[n % senders.length] as Person;
			const operation: Operation = {
				chatId: chatIds[n % chatIds.length] as string,
				clientId: randomUUID(),
				outcome: "unknown",
			};
			this.operations.push(operation);
			for (let tries = 0; tries < triesMax && operation.outcome !== "ok"; tries++) {
				if (tries > 0) await new Promise(done => setTimeout(done, REPEAT_AFTER_MS));
				await this.#attempt(sender, operation, tries > 0);
			}
			if (pauseMs > 0 || operation.outcome !== "ok")
				await new Promise(done => setTimeout(done, Math.max(pauseMs, 20)));
		}
	}

	/** One try. Once an outcome was unknown, a refusal of a repeat does not make it known. */
	async #attempt(sender: Person, operation: Operation, isRepeat: boolean): Promise<void> {
		const url = sender.urls[Math.floor(Math.random() * sender.urls.length)];
		try {
			const response = await fetch(`${url}/api/chats/${operation.chatId}/messages`, {
				method: "POST",
				headers: {
					"content-type": "application/json",
					authorization: `Bearer ${sender.token}`,
					"idempotency-key": operation.clientId,
				},
				body: JSON.stringify({ content: `about ${operation.clientId}` }),
				signal: AbortSignal.timeout(this.#options.answerMs ?? ANSWER_MAX_MS),
			});
			const body = (await response.json()) as Message;
			if (response.headers.get("idempotent-replayed") === "true") this.replayed++;
			if (response.status === 201) Object.assign(operation, { outcome: "ok", id: body.id, seq: body.seq });
			// After UNAVAILABLE a write may have happened.
			else operation.outcome = response.status < 500 && !isRepeat ? "failed" : "unknown";
		} catch {
			operation.outcome = "unknown";
		}
	}
}
