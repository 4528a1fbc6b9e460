import { createServer } from "node:net";
import { StartFailure } from "./failure.ts";

/** A look before anything else starts: a port that is taken is said at once, not after the database is up. */
export function assertPortFree(
	host: string,
	port: number,
	variable: "CHAT_PORT" | "CHAT_METRICS_PORT",
): Promise<void> {
	return new Promise((resolve, reject) => {
		const server = createServer();
		server.once("error", err => reject(portFailure(err, host, port, variable)));
		server.listen({ host, port, exclusive: true }, () => server.close(() => resolve()));
	});
}

function portFailure(err: NodeJS.ErrnoException, host: string, port: number, variable: string) {
	const why: Record<string, string> = {
		EADDRINUSE: `port ${port} on ${host} is in use. Stop what runs there (another Parley?), or take another: ${variable}=${port + 1} npm start`,
		EACCES: `port ${port} needs privileges that this process does not have. Take one above 1023: ${variable}=3000 npm start`,
		EADDRNOTAVAIL: `${host} is no address of this machine; see CHAT_HOST.`,
		ENOTFOUND: `CHAT_HOST=${host} is not known.`,
	};
	return new StartFailure(why[err.code ?? ""] ?? `it cannot listen on ${host}:${port}: ${err.message}`);
}
