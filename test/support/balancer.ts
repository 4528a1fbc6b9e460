/** A TCP forwarder before nodes: each new connection goes to the one that is named at that moment. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export interface BalancerOptions {
	/** What becomes of a websocket's handshake. */
	websockets?: "pass" | "refused" | "swallowed";
}

export async function balancer(first: string, { websockets = "pass" }: BalancerOptions = {}) {
	let target = new URL(first);
	const server = createServer(client => {
		client.once("data", head => {
			if (websockets !== "pass" && /upgrade: websocket/i.test(head.toString())) {
				if (websockets === "refused") client.destroy();
				return;
			}
			forward(client, head, target);
		});
		client.on("error", () => client.destroy());
	}).listen(0, "127.0.0.1");
	await once(server, "listening");
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		pointTo(url: string) {
			target = new URL(url);
		},
		close: () => void server.close(),
	};
}

function forward(client: Socket, head: Buffer, { hostname, port }: URL): void {
	const node = connect(Number(port), hostname);
	node.write(head);
	client.pipe(node).pipe(client);
	const end = () => {
		client.destroy();
		node.destroy();
	};
	for (const side of [client, node]) side.on("error", end).on("close", end);
}
