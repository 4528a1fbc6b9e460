import { createServer } from "node:net";

// Below the range from which the system takes ports for outgoing connections: a server that is down for a moment
// would otherwise find its port taken by some client, or a client that retries would connect to itself.
const FIRST = 15_000;
const LAST = 32_000;

/** Ports on which nobody listens now. */
export async function freePorts(count: number): Promise<number[]> {
	const ports = new Set<number>();
	while (ports.size < count) {
		const port = FIRST + Math.floor(Math.random() * (LAST - FIRST));
		if (await isFree(port)) ports.add(port);
	}
	return [...ports];
}

export function isFree(port: number): Promise<boolean> {
	return new Promise(resolve => {
		const probe = createServer();
		probe.once("error", () => resolve(false));
		probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
	});
}
