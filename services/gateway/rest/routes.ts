/** The REST door's table: what the contracts publish, by name, and nothing else. */
import type { ActionContract } from "../../../contracts/contract.ts";
import { OVER_REST } from "../../../contracts/index.ts";

const byAction = new Map(OVER_REST.map(contract => [contract.action, contract]));

/** `POST /chats` → `chats.create`: an alias exists because a contract says so. */
export const restAliases: Record<string, string> = Object.fromEntries(
	OVER_REST.map(contract => [contract.rest as string, contract.action]),
);

export function contractOf(action: string): ActionContract {
	const contract = byAction.get(action);
	if (!contract) throw new Error(`No contract publishes ${action} over REST.`);
	return contract;
}
