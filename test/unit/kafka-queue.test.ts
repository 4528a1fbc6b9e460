/** kafkajs looks for requests that wait only while one does. */
import { createRequire } from "node:module";
import { expect, test } from "@jest/globals";
import { QUEUE_MODULE } from "../../services/kafka-bridge/kafkajs.ts";

const RequestQueue = createRequire(import.meta.url)(QUEUE_MODULE);
const silent = { debug() {}, error() {}, warn() {}, info() {} };
const queueOf = (maxInFlightRequests: number) =>
	new RequestQueue({
		maxInFlightRequests,
		requestTimeout: 1_000,
		enforceRequestTimeout: false,
		clientId: "test",
		broker: "127.0.0.1:1",
		logger: silent,
		isConnected: () => true,
	});

/** @param sent gets what was sent */
const request = (correlationId: number, sent: number[]) => ({
	entry: { correlationId, resolve() {}, reject() {} },
	expectResponse: true,
	sendRequest: () => sent.push(correlationId),
});
const hasTimer = (queue: { throttleCheckTimeoutId?: object | null }) => !!queue.throttleCheckTimeoutId;
const answer = (correlationId: number) => ({ correlationId, payload: null, size: 0 });

test("a connection on which nothing waits has no timer", () => {
	const sent: number[] = [];
	const queue = queueOf(2);
	queue.push(request(1, sent));
	queue.fulfillRequest(answer(1));
	expect(sent).toEqual([1]);
	expect(hasTimer(queue)).toBe(false);
});

test("what waits for others, or for the end of a throttling, is sent", async () => {
	const sent: number[] = [];
	const queue = queueOf(1);
	queue.push(request(1, sent));
	queue.push(request(2, sent));
	expect(sent).toEqual([1]);
	queue.fulfillRequest(answer(1));
	expect(sent).toEqual([1, 2]);
	queue.fulfillRequest(answer(2));
	queue.maybeThrottle(50);
	queue.push(request(3, sent));
	expect(sent).toEqual([1, 2]);
	await new Promise(resolve => setTimeout(resolve, 200));
	expect(sent).toEqual([1, 2, 3]);
	queue.fulfillRequest(answer(3));
	expect(hasTimer(queue)).toBe(false);
	queue.destroy();
});
