/** The servers of a measurement: PostgreSQL's CPU is a part of what is measured, so its process has to be in sight. */
import { type Servers, startServers } from "../../test/support/servers.ts";

/** @throws where somebody gave the address of a PostgreSQL of theirs */
export function startMeasured(): Promise<Servers> {
	if (process.env.TEST_DATABASE_URL)
		throw new Error(
			"TEST_DATABASE_URL is set: the CPU of a PostgreSQL that was not started here would count as none. Measure without it.",
		);
	outsideOfContainers();
	return startServers({ postgres: true, redis: true, kafka: true });
}

/** In a container a server has neither a process that is seen from here nor a core, and a proxy stands before it. */
export function outsideOfContainers(): void {
	process.env.PARLEY_SERVERS = "native";
}
