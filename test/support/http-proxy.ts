/** A reverse proxy as small as can be, websockets included: what an operator puts before nodes. */
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";

export interface HttpProxy {
	url: string;
	close(): Promise<void>;
}

/**
 * `target` says where each request goes, as a URL; null is 503. `instead` may answer one by itself, and says so by true.
 */
export async function httpProxy(
	target: () => Promise<string | null>,
	instead: (req: IncomingMessage, res: ServerResponse) => boolean = () => false,
): Promise<HttpProxy> {
	const sockets = new Set<Socket>();
	const server = createServer(async (req, res) => {
		if (instead(req, res)) return;
		const to = await target();
		if (!to) return void res.writeHead(503).end();
		const { hostname, port } = new URL(to);
		const { method, url, headers } = req;
		const onward = request({ hostname, port, method, path: url, headers, agent: false }, answer => {
			res.writeHead(answer.statusCode ?? 502, answer.headers);
			answer.pipe(res);
		});
		onward.on("error", () => res.headersSent || res.writeHead(502).end());
		req.pipe(onward);
	});
	server.on("upgrade", async (req: IncomingMessage, client: Socket, head: Buffer) => {
		const to = await target();
		if (!to) return void client.destroy();
		const { hostname, port } = new URL(to);
		const node = connect(Number(port), hostname, () => {
			const lines = [];
			for (let i = 0; i < req.rawHeaders.length; i += 2)
				lines.push(`${req.rawHeaders[i]}: ${req.rawHeaders[i + 1]}`);
			node.write(`GET ${req.url} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
			node.write(head);
			node.pipe(client).pipe(node);
		});
		for (const [one, other] of [
			[node, client],
			[client, node],
		] as const) {
			sockets.add(one);
			one.on("error", () => other.destroy());
			one.on("close", () => {
				sockets.delete(one);
				other.destroy();
			});
		}
	});
	await new Promise<void>(done => server.listen(0, "127.0.0.1", done));
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		async close() {
			for (const socket of sockets) socket.destroy();
			server.closeAllConnections();
			await new Promise(done => server.close(done));
		},
	};
}
