/** What stands beside an event's name: a payload, and where the client wants one, the way back. */
import type { ActionContract } from "../../../contracts/contract.ts";
import { send } from "../../../contracts/messages.ts";
import type { SocketFailure } from "../../../contracts/socket.ts";
import { invalid } from "../../../lib/errors.ts";
import { checkedParams } from "../params.ts";
import type { Lane } from "./lanes.ts";

export type Callback = (answer: object) => void;

/** Splits an event's arguments. */
export function split(args: unknown[]): { given: unknown[]; callback: Callback | null } {
	const last = args.at(-1);
	if (typeof last !== "function") return { given: args, callback: null };
	return { given: args.slice(0, -1), callback: last as Callback };
}

/**
 * The payload as the contract allows it; none is an empty one.
 * @throws VALIDATION_ERROR
 */
export function paramsOf(contract: ActionContract, given: unknown[]): Record<string, unknown> {
	const [payload = {}, ...more] = given;
	if (more.length > 0) throw invalid("", "An event takes one payload.");
	if (!isPlainObject(payload)) throw invalid("", "The payload must be an object.");
	if (hasBinary(payload)) throw invalid("", "The payload must be plain JSON.");
	return checkedParams(contract, payload);
}

/** In which order a call stands to the socket's other calls. */
export function laneOf(contract: ActionContract, [payload]: unknown[]): Lane {
	const { chatId } = (isPlainObject(payload) ? payload : {}) as { chatId?: unknown };
	if (typeof chatId === "string" && "chatId" in contract.params)
		return { chatId: chatId.toLowerCase(), isSend: contract.action === send.action };
	return "messageId" in contract.params || "chatIds" in contract.params ? "any-chat" : "no-chat";
}

/** An acknowledgement: the result under the name that the contract gives it. */
export function answerOf({ ack }: Pick<ActionContract, "ack">, result: unknown): object {
	if (ack === undefined) return { status: "ok" };
	if (ack === "*") return { status: "ok", ...(result as object) };
	if (!isPage(result)) return { status: "ok", [ack]: result };
	const { items, ...rest } = result;
	return { status: "ok", [ack]: items, ...rest };
}

const isPage = (result: unknown): result is { items: unknown[] } =>
	typeof result === "object" && result !== null && "items" in result && Array.isArray(result.items);

/** For a client that wants no answer: what it must know all the same. */
export const errorOf = ({ code, message }: SocketFailure) => ({ code, message });

function isPlainObject(value: unknown): value is Record<string, unknown> {
	return typeof value === "object" && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}

/** Socket.IO can carry buffers anywhere in a payload. The depth is bounded as that of any payload is. */
function hasBinary(value: unknown, levelsLeft = 16): boolean {
	if (typeof value !== "object" || value === null || levelsLeft === 0) return false;
	if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return true;
	return Object.values(value).some(inner => hasBinary(inner, levelsLeft - 1));
}
