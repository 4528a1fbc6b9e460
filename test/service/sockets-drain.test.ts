import { expect, test } from "@jest/globals";
import { BOUNDS } from "../../services/gateway/sockets/bounds.ts";
import type { Connection } from "../../services/gateway/sockets/connection.ts";
import { sayFarewell } from "../../services/gateway/sockets/farewell.ts";
import type { Pushes } from "../../services/gateway/sockets/pushes.ts";
import { startGateway } from "../support/gateway.ts";
import { rawSocket } from "../support/raw-socket.ts";
import { connect } from "../support/socket.ts";

const CHAT = "01900000-0000-7000-8000-0000000000c1";
const USER = "01900000-0000-7000-8000-00000000000a";

test("I37: a node that stops says so, finishes what runs, lets nobody in, and is gone in time", async () => {
	let finish = (_: unknown) => {};
	const begun = Promise.withResolvers<void>();
	const gateway = await startGateway({
		"chats.rooms": () => ({ items: [], nextCursor: null }),
		"chats.heads": () => ({ items: [], since: "1" }),
		"messages.send": () =>
			new Promise(resolve => {
				finish = resolve;
				begun.resolve();
			}),
	});
	const ann = await connect(gateway.url, `user:${USER}`);
	const silent = await rawSocket(gateway.port, { token: `user:${USER}` });
	silent.tcp.pause();
	const sending = ann.emit("message", { chatId: CHAT, content: "last words" });
	await begun.promise;

	const from = Date.now();
	const stopped = gateway.stop();
	const { reconnectIn } = await ann.waitFor("server:draining");
	expect(reconnectIn).toBeGreaterThanOrEqual(0);
	expect(reconnectIn).toBeLessThan(1_000);
	await expect(connect(gateway.url, `user:${USER}`)).rejects.toThrow();
	setTimeout(() => finish({ seq: 1 }), 1_500);
	expect(await sending).toEqual({ status: "ok", message: { seq: 1 } });
	expect(await ann.closed).toBe("io server disconnect");
	await stopped;
	expect(Date.now() - from).toBeLessThan(15_000);
}, 30_000);

test("nothing keeps a node alive once its sockets' calls are done", async () => {
	const timers = () => process.getActiveResourcesInfo().filter(name => name === "Timeout").length;
	const before = timers();
	const pushes = { to: () => {} } as unknown as Pushes;
	const idle = { lanes: { idle: () => Promise.resolve() }, socket: { conn: { close() {} } } };
	await sayFarewell([idle as unknown as Connection], pushes);
	await new Promise(resolve => setImmediate(resolve));
	expect(timers()).toBeLessThanOrEqual(before);
}, 20_000);

test("who was told to go in the last moment is let go only once they are elsewhere", async () => {
	const pushes = { to: () => {} } as unknown as Pushes;
	let left = "by itself";
	const late = {
		isLive: true,
		lanes: { idle: () => Promise.resolve() },
		socket: {
			disconnect() {
				left = "cut off";
			},
			conn: { close() {} },
		},
	};
	// The usual patience may all go by in one stall.
	(BOUNDS as { drainMoveMs: number }).drainMoveMs = 10_000;
	setTimeout(() => {
		late.isLive = false;
	}, 1_600);
	await sayFarewell([late as unknown as Connection], pushes);
	expect(left).toBe("by itself");
}, 20_000);
