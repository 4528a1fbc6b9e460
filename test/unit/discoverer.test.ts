import { afterEach, expect, jest, test } from "@jest/globals";
import { ServiceBroker } from "moleculer";
import { Discoverer } from "../../lib/discoverer.ts";

afterEach(() => {
	jest.useRealTimers();
});

test("I34: silent nodes are looked for several times a second, however long one is waited for", () => {
	jest.useFakeTimers();
	const discoverer = new Discoverer({ heartbeatInterval: 2, heartbeatTimeout: 5 });
	const look = jest.spyOn(discoverer, "checkRemoteNodes").mockReturnValue();
	discoverer.startHeartbeatTimers();
	jest.advanceTimersByTime(1_000);
	expect(look).toHaveBeenCalledTimes(4);
	discoverer.stopHeartbeatTimers();
	jest.advanceTimersByTime(1_000);
	expect(look).toHaveBeenCalledTimes(4);
});

test("I8: a node that has started has told the others", async () => {
	const discoverer = new Discoverer({ heartbeatInterval: 2, heartbeatTimeout: 5 });
	const tell = jest.spyOn(discoverer, "sendLocalNodeInfo");
	const broker = new ServiceBroker({ logger: false, transporter: "Fake", registry: { discoverer } });
	broker.createService({ name: "one" });
	await broker.start();
	expect(tell).toHaveBeenCalled();
	await broker.stop();
});
