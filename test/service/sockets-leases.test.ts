/** Leases that pongs renew: engine.io takes one whenever it comes, so these sockets need not wait for a ping. */
import { afterAll, expect, test } from "@jest/globals";
import { startGateway } from "../support/gateway.ts";
import { rawSocket } from "../support/raw-socket.ts";

const PONG = "3";
const user = (i: number) => `01900000-0000-7000-8000-0000000001${String(i).padStart(2, "0")}`;

interface Lease {
	userId: string;
	ended?: boolean;
}
/** What each call brought. */
const calls: Lease[][] = [];
const gateway = await startGateway(
	{
		"presence.leases": ({ params }) => {
			const leases = params.leases as Lease[];
			calls.push(leases);
			return leases.map(({ userId }) => ({ userId, status: "online", text: null, lastSeenAt: null }));
		},
		"chats.rooms": () => ({ items: [], nextCursor: null }),
	},
	{ CHAT_PRESENCE_TTL: "1" },
);

afterAll(() => gateway.stop());

const wait = (ms: number) => new Promise<void>(resolve => setTimeout(resolve, ms));
const told = () => calls.flat();
async function until(holds: () => boolean): Promise<void> {
	while (!holds()) await wait(5);
}

test("I19: what many pongs renew goes in one call, and a lease that has ended is not renewed", async () => {
	const sockets = await Promise.all(
		Array.from({ length: 20 }, (_, i) => rawSocket(gateway.port, { token: `user:${user(i)}` })),
	);
	await until(() => told().length === 20);
	await wait(600); // half of their time is over
	calls.length = 0;
	for (const [i, socket] of sockets.entries()) {
		socket.send(PONG);
		if (i % 5 === 4) await wait(20);
	}
	sockets[0]?.tcp.destroy();
	await until(() => told().length >= 20);
	expect(calls.map(leases => leases.length)).toEqual([1, 19]);
	expect(calls[0]).toMatchObject([{ userId: user(0), ended: true }]);
	expect(new Set(calls[1]?.map(({ userId }) => userId)).size).toBe(19);
	expect(calls[1]?.some(({ userId, ended }) => ended || userId === user(0))).toBe(false);
	for (const socket of sockets) socket.tcp.destroy();
});
