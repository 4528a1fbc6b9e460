/** PostgreSQL, Redis, Kafka and one node with everything on, for work that goes on for a while. */
import { Client } from "pg";
import { tablesOf } from "../../lib/tables.ts";
import type { ParleyNode } from "../../test/support/nodes.ts";
import type { Servers } from "../../test/support/servers.ts";
import { SERVER_CORE, settleServers } from "./cores.ts";
import type { Ground } from "./fill.ts";
import { pin, unpin } from "./machine.ts";
import { type Installation, startParley } from "./parley.ts";
import { startMeasured } from "./servers.ts";
import { ISSUER } from "./tokens.ts";

const CONNECTIONS_MAX = "15000";

export interface Stage extends Ground {
	servers: Servers;
	node: ParleyNode;
	/** The node's process, and PostgreSQL's. */
	pids: { node: number; postgres: number | undefined };
	/** Signs the tokens of the host application whose users these are. */
	secret: string;
	stop(): Promise<void>;
}

export interface Cores {
	/** Whose core PostgreSQL shares. */
	postgres: number;
	/** Whether V8's threads of the node may run on the clients' core too, as they would where a node has two. */
	isNodeFree: boolean;
}

/**
 * The node has a core, clients with Redis and Kafka the other.
 * @param env more variables of the node
 */
export async function startStage(
	env: Record<string, string> = {},
	cores: Cores = { postgres: SERVER_CORE, isNodeFree: false },
): Promise<Stage> {
	const servers = await startMeasured();
	let parley: Installation | undefined;
	let db: Client | undefined;
	const stop = async () => {
		await db?.end().catch(() => {});
		await parley?.stop();
		await servers.stop();
	};
	try {
		settleServers(servers, cores.postgres);
		parley = await startParley(servers, { CHAT_MAX_CONNECTIONS: CONNECTIONS_MAX, ...env });
		const { namespace, secret } = parley;
		const node = parley.nodes[0] as ParleyNode;
		db = new Client({ connectionString: servers.databaseUrl });
		await db.connect();
		const pids = { node: node.child.pid as number, postgres: servers.postgres?.pid };
		if (cores.isNodeFree) unpin(pids.node);
		pin(pids.node, SERVER_CORE, { withThreads: !cores.isNodeFree });
		return { servers, node, pids, secret, db, t: tablesOf(namespace), issuer: ISSUER.issuer, stop };
	} catch (err) {
		await stop();
		throw err;
	}
}
