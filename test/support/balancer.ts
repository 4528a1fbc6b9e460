/** A TCP forwarder before nodes: each new connection goes to the one that is named at that moment. */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { connect, createServer } from "node:net";

export async function balancer(first: string) {
	let target = new URL(first);
	const server = createServer(client => {
		const node = connect(Number(target.port), target.hostname);
		client.pipe(node).pipe(client);
		const end = () => {
			client.destroy();
			node.destroy();
		};
		for (const side of [client, node]) side.on("error", end).on("close", end);
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
