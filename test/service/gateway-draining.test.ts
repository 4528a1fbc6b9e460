import { expect, test } from "@jest/globals";
import { ANN, BOB, startGateway } from "../support/gateway.ts";
import { answerOf } from "../support/http.ts";
import { connect } from "../support/socket.ts";
import { eventually } from "../support/stage.ts";

const CHAT = "01900000-0000-7000-8000-0000000000c1";

test("I37: a node that is told to stop says so to balancers first, and serves as before until they know", async () => {
	const gateway = await startGateway(
		{
			"chats.rooms": () => ({ items: [], nextCursor: null }),
			"chats.heads": () => ({ items: [], since: "1" }),
			"messages.send": () => ({ seq: 1 }),
		},
		{ CHAT_DRAIN_DELAY: "4" },
	);
	const readiness = async () => {
		const { status, body } = await answerOf(await fetch(`${gateway.url}/health/readiness`));
		return [status, body.reason ?? body.status];
	};
	expect(await readiness()).toEqual([200, "ok"]);
	const ann = await connect(gateway.url, `user:${ANN}`);

	const stopped = gateway.broker.destroyService("gateway");
	expect(await eventually(readiness, ([status]) => status === 503)).toEqual([503, "draining"]);
	expect((await fetch(`${gateway.url}/health/liveness`)).status).toBe(200);
	const bob = await connect(gateway.url, `user:${BOB}`);
	for (const socket of [ann, bob])
		expect(await socket.emit("message", { chatId: CHAT, content: "still here" })).toMatchObject({
			status: "ok",
		});
	// The connection is not kept, so that none is cut off between two requests.
	const { status, headers } = await gateway.ann.get("/users/me");
	expect([status, headers.get("connection")]).toEqual([200, "close"]);
	expect([...ann.events, ...bob.events].filter(({ name }) => name === "server:draining")).toEqual([]);

	await Promise.all([ann.waitFor("server:draining"), bob.waitFor("server:draining")]);
	await expect(fetch(`${gateway.url}/health/liveness`)).rejects.toThrow();
	expect(await ann.closed).toBe("io server disconnect");
	await stopped;
	await gateway.stop();
}, 60_000);
