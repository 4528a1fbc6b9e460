/** Calls any published action through any door it has, by its contract alone. */
import type { ActionContract } from "../../contracts/contract.ts";
import { PUBLISHED } from "../../contracts/index.ts";
import { api } from "./http.ts";
import type { TestSocket } from "./socket.ts";

export type Door = "REST" | "Socket.IO";

/** What a door answered: `ok`, or the catalogue's code. */
export interface Outcome {
	code: string;
	/** The resource, or the error with all that it shows. */
	// biome-ignore lint/suspicious/noExplicitAny: a test looks into answers of every shape
	body: any;
	status?: number;
}

export type CallParams = Record<string, unknown>;

export function contractOf(action: string): ActionContract {
	const contract = PUBLISHED.find(candidate => candidate.action === action);
	if (!contract) throw new Error(`No published action is called ${action}.`);
	return contract;
}

export const doorsOf = (contract: ActionContract): Door[] => [
	...(contract.rest ? (["REST"] as const) : []),
	...(contract.socket ? (["Socket.IO"] as const) : []),
];

/** Method, path with its parameters filled in, and what is left for the query or the body. */
export function restRequest(contract: ActionContract, params: CallParams) {
	const [method = "", template = ""] = (contract.rest ?? "").split(" ");
	const left = { ...params };
	const path = template.replace(/:(\w+)/g, (_, name: string) => {
		const value = left[name];
		delete left[name];
		return encodeURIComponent(String(value));
	});
	const headers: Record<string, string> = {};
	if (contract.idempotent && left.clientId !== undefined) {
		headers["idempotency-key"] = String(left.clientId);
		delete left.clientId;
	}
	if (method !== "GET") return { method, path, headers, body: left };
	const query = new URLSearchParams(
		Object.entries(left).map(([name, value]) => [name, String(value)]),
	).toString();
	return { method, path: query ? `${path}?${query}` : path, headers, body: undefined };
}

export async function overRest(
	url: string,
	token: string | undefined,
	contract: ActionContract,
	params: CallParams,
): Promise<Outcome> {
	const { method, path, headers, body } = restRequest(contract, params);
	const hasBody = body !== undefined && (method !== "DELETE" || Object.keys(body).length > 0);
	const answer = await api(url, token).ask(method, path, hasBody ? body : undefined, headers);
	return {
		status: answer.status,
		code: answer.status < 300 ? "ok" : String(answer.body?.code ?? answer.status),
		body: answer.body,
	};
}

export async function overSocket(
	socket: TestSocket,
	contract: ActionContract,
	params: CallParams,
): Promise<Outcome> {
	const answer = (await socket.emit(contract.socket as string, params)) as Record<string, unknown>;
	if (answer.status !== "ok") return { code: String(answer.code), body: answer };
	const { status: _, ...rest } = answer;
	return { code: "ok", body: contract.ack && contract.ack !== "*" ? rest[contract.ack] : rest };
}
