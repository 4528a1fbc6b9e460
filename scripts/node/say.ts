import { bareError } from "../../lib/logger.ts";

/** What an operator is told whatever the log level: plain lines for people, lines of the log's own form elsewhere. */
export function sayer(pretty: boolean) {
	return (text: string, err?: unknown) => {
		if (pretty) {
			const trace = err === undefined ? "" : `\n${err instanceof Error ? err.stack : String(err)}`;
			process.stdout.write(`${text}${trace}\n`);
			return;
		}
		const level = err === undefined ? "info" : "fatal";
		const line = { level, time: new Date().toISOString(), mod: "start", msg: text, err: bareError(err) };
		process.stdout.write(`${JSON.stringify(line)}\n`);
	};
}

export type Say = ReturnType<typeof sayer>;
