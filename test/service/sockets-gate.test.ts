/** What comes to the socket door and is no client of ours. */

import { connect as connectTcp } from "node:net";
import { afterAll, afterEach, expect, test } from "@jest/globals";
import { BOUNDS } from "../../services/gateway/sockets/bounds.ts";
import { ANN, startGateway } from "../support/gateway.ts";
import { connect } from "../support/socket.ts";

const gateway = await startGateway(
	{
		"chats.rooms": () => ({ items: [], nextCursor: null }),
		"chats.heads": () => ({ items: [], since: "1" }),
	},
	{ CHAT_MAX_CONNECTIONS: "3", CHAT_TRUSTED_PROXIES: "127.0.0.1" },
);
const bounds = BOUNDS as { unsignedConnectionsMax: number; unsignedPerAddressMax: number };
const usual = { ...bounds };

afterEach(() => void Object.assign(bounds, usual));
afterAll(() => gateway.stop());

/** An upgrade's whole answer. */
function upgrade(path: string, headers: Record<string, string> = {}): Promise<string> {
	return new Promise((resolve, reject) => {
		const tcp = connectTcp(gateway.port, "127.0.0.1");
		const lines = [
			`GET ${path} HTTP/1.1`,
			`Host: 127.0.0.1:${gateway.port}`,
			"Upgrade: websocket",
			"Connection: Upgrade",
			"Sec-WebSocket-Version: 13",
			"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
			...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
		];
		let text = "";
		tcp.on("data", data => {
			text += data;
		});
		tcp.on("error", reject);
		const timer = setTimeout(() => tcp.destroy(), 10_000);
		tcp.on("close", () => {
			clearTimeout(timer);
			resolve(text);
		});
		tcp.write(`${lines.join("\r\n")}\r\n\r\n`);
	});
}

const WEBSOCKET = "/socket.io/?EIO=4&transport=websocket";

test("a refused upgrade is answered in the common shape, and closed", async () => {
	const refused = {
		403: await upgrade(WEBSOCKET, { Origin: "https://evil.example" }),
		400: await upgrade(`${WEBSOCKET}&sid=nobody`),
	};
	for (const [status, answer] of Object.entries(refused)) {
		expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
		expect(answer).toMatch(/\r\nX-Content-Type-Options: nosniff\r\n/);
		expect(answer).toMatch(/\r\nContent-Type: application\/problem\+json/);
		expect(answer).toMatch(/\r\nConnection: close\r\n/);
	}
});

test("an upgrade beside the socket path is answered, and closed", async () => {
	for (const path of ["/api/users/me", "/", "/socket.iox"]) {
		const times: number[] = [];
		for (let i = 0; i < 3; i++) {
			const from = Date.now();
			expect(await upgrade(path)).toMatch(/^HTTP\/1.1 400 .*X-Content-Type-Options: nosniff/s);
			times.push(Date.now() - from);
		}
		// engine.io would close it after a second, each time; a machine that stalls is slow once.
		expect(Math.min(...times)).toBeLessThan(500);
	}
	expect((await gateway.nobody.get("/openapi.json")).status).toBe(200);
});

const poll = (address: string) =>
	fetch(`${gateway.url}/socket.io/?EIO=4&transport=polling`, { headers: { "x-forwarded-for": address } });

test("T14: connections that do not sign in are bounded, those of one address before others", async () => {
	Object.assign(bounds, { unsignedConnectionsMax: 4, unsignedPerAddressMax: 3 });
	const statuses: number[] = [];
	for (let i = 0; i < 5; i++) statuses.push((await poll("192.0.2.1")).status);
	expect(statuses).toEqual([200, 200, 200, 503, 503]);
	const ann = await connect(gateway.url, `user:${ANN}`);
	for (const address of ["192.0.2.2", "192.0.2.3", "192.0.2.4"])
		expect((await poll(address)).status).toBe(200);
	const refused = await poll("192.0.2.5");
	expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "1"]);
	expect(await refused.json()).toMatchObject({ code: "SERVER_FULL" });
	expect(refused.headers.get("x-content-type-options")).toBe("nosniff");
	expect(await upgrade(WEBSOCKET)).toMatch(/^HTTP\/1.1 503 .*Retry-After: 1\r\n/s);
	// Naming no session is naming none.
	expect(await upgrade(`${WEBSOCKET}&sid=`)).toMatch(/^HTTP\/1.1 503 /);
	expect((await ann.emit("heartbeat", {})).status).toBe("ok");
	ann.close();
});

test("whoever signs in makes room for the next of their address", async () => {
	bounds.unsignedPerAddressMax = 1;
	const sockets = [await connect(gateway.url, `user:${ANN}`), await connect(gateway.url, `user:${ANN}`)];
	expect(sockets).toHaveLength(2);
	for (const socket of sockets) socket.close();
});
