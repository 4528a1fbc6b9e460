/** What clients ask: each event that a contract declares is checked, counted, carried out and acknowledged. */
import type { ServiceBroker } from "moleculer";
import type { ActionContract } from "../../../contracts/contract.ts";
import { OVER_SOCKET } from "../../../contracts/index.ts";
import type { SocketFailure } from "../../../contracts/socket.ts";
import { SLOW_FAILURE_MS } from "../../../lib/batcher.ts";
import { codeOf, fail, unavailable } from "../../../lib/errors.ts";
import { newId } from "../../../lib/ids.ts";
import { callChecked } from "../../../lib/moleculer.ts";
import type { Limits } from "../limits.ts";
import { isFault, socketFailure, wireError } from "../wire-error.ts";
import type { Connection } from "./connection.ts";
import { eventFrame } from "./frames.ts";
import type { OwnCalls } from "./own-calls.ts";
import type { Logger } from "./parts.ts";
import { answerOf, type Callback, errorOf, laneOf, paramsOf, split } from "./payload.ts";
import type { Writer } from "./writer.ts";

/** Every event that is answered, by its name. */
export const CALLS: ReadonlyMap<string, ActionContract> = new Map(
	OVER_SOCKET.map(contract => [contract.socket as string, contract]),
);

interface Parts {
	broker: ServiceBroker;
	logger: Logger;
	limits: Pick<Limits, "take">;
	writer: Writer;
	own: OwnCalls;
}

export class Calls {
	readonly #parts: Parts;

	constructor(parts: Parts) {
		this.#parts = parts;
	}

	receive(from: Connection, contract: ActionContract, args: unknown[]): void {
		const { given, callback } = split(args);
		const refusal = this.#refusalOf(from, contract);
		if (refusal) {
			this.#answer(from, callback, refusal);
			return;
		}
		const receivedAt = performance.now();
		from.lanes.run(laneOf(contract, given), async handOver => {
			const startedAt = performance.now();
			try {
				// Whoever has waited behind a call that nobody answered would wait as long for the same.
				if (from.unansweredAt > receivedAt) throw unavailable();
				const result = await this.#carryOut(from, contract, given, handOver);
				callback?.(answerOf(contract, result));
			} catch (err) {
				const endedAt = performance.now();
				if (codeOf(err) === "UNAVAILABLE" && endedAt - startedAt > SLOW_FAILURE_MS)
					from.unansweredAt = endedAt;
				this.#refuse(from, callback, err, contract);
			}
		});
	}

	/** Made once: who sends more than a node takes is told so at the least price, or there is none left for the others. */
	#refusalOf(from: Connection, contract: ActionContract): SocketFailure | null {
		if (from.isLeaving) return LEAVING;
		if (from.lanes.isFull) return TOO_MANY;
		return this.#parts.own.isFull(contract) ? FULL : null;
	}

	/** An event that no contract declares. */
	unknown(from: Connection, args: unknown[]): void {
		this.#refuse(from, split(args).callback, fail("NOT_FOUND", "There is no such event."));
	}

	async #carryOut(
		from: Connection,
		contract: ActionContract,
		given: unknown[],
		handOver: () => void,
	): Promise<unknown> {
		const { broker, limits, own } = this.#parts;
		if (contract.rate) await limits.take(contract.rate, { userId: from.user.id, address: from.address });
		const params = paramsOf(contract, given);
		if (contract.idempotent) params.clientId ??= newId();
		const handler = own.handlers.get(contract.action);
		if (handler) return handler(from, params as never, handOver);
		return callChecked(broker, contract, params, { meta: from.meta });
	}

	#refuse(from: Connection, callback: Callback | null, err: unknown, contract?: ActionContract): void {
		const wire = wireError(err);
		let traceId: string | undefined;
		if (isFault(wire)) {
			traceId = newId();
			this.#parts.logger.error(`The event ${contract?.socket} failed.`, { traceId }, err);
		}
		this.#answer(from, callback, socketFailure(wire, traceId));
	}

	#answer(from: Connection, callback: Callback | null, failure: SocketFailure): void {
		if (callback) callback(failure);
		else if (from.isLive) this.#parts.writer.send(from.socket, eventFrame("error", errorOf(failure)));
	}
}

const failureFor = (err: unknown) => socketFailure(wireError(err));
const LEAVING = failureFor(fail("UNAVAILABLE"));
const TOO_MANY = failureFor(fail("RATE_LIMITED", "Too many calls are running.", { retryAfter: 1 }));
const FULL = failureFor(unavailable());
