import { ConfigError } from "../../lib/env.ts";

/** Why a node cannot start, in words for whoever started it. Anything else that is thrown is a bug, and shown with its stack. */
export class StartFailure extends Error {
	override readonly name = "StartFailure";
}

export function explain(err: unknown): string {
	if (err instanceof ConfigError)
		return ["Parley cannot start:", ...err.problems.map(line => `  ${line}`)].join("\n");
	if (err instanceof StartFailure) return `Parley cannot start: ${err.message}`;
	return `Parley cannot start: ${err instanceof Error ? (err.stack ?? err.message) : String(err)}`;
}
