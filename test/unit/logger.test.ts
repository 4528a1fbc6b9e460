import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { ServiceBroker } from "moleculer";
import { pinoLogger } from "../../lib/logger.ts";

let written: string[];
const real = process.stdout.write;

beforeEach(() => {
	written = [];
	process.stdout.write = jest.fn((chunk: string) => {
		written.push(chunk);
		return true;
	}) as unknown as typeof process.stdout.write;
});

afterEach(() => {
	process.stdout.write = real;
});

function loggerOf(logPretty = false) {
	const broker = new ServiceBroker({ nodeID: "n", logger: pinoLogger({ logLevel: "info", logPretty }) });
	written = [];
	return broker.getLogger("test");
}

const line = () => JSON.parse(written[0] as string);

test("a text and an error make one line with both", () => {
	loggerOf().error("It failed.", new Error("because"), { requestID: "r" });
	expect(line()).toMatchObject({
		level: "error",
		mod: "test",
		msg: "It failed.",
		requestID: "r",
		err: { name: "Error", message: "because" },
	});
	expect(line().err.stack).toMatch("logger.test.ts");
});

test("a text is no format: what somebody typed is written as it is", () => {
	loggerOf().info("100 %s of %d");
	expect(line().msg).toBe("100 %s of %d");
});

test("an error leaves behind what hangs on it, such as the values of a statement", () => {
	const err = Object.assign(new Error("duplicate key", { cause: new Error("below") }), {
		code: "23505",
		parameters: ["hunter2"],
		data: { actual: "hunter2" },
	});
	loggerOf().error(err);
	expect(line()).toMatchObject({ msg: "duplicate key", err: { code: "23505", cause: { message: "below" } } });
	expect(written.join()).not.toMatch("hunter2");
});

test("a field that holds a secret is not written, at the top or below", () => {
	const params = { login: "ann", password: "hunter2", nested: { refreshToken: "hunter2" } };
	loggerOf().info("Params.", { token: "hunter2", params });
	expect(line()).toMatchObject({ token: "[secret]", params: { login: "ann", password: "[secret]" } });
	expect(written.join()).not.toMatch("hunter2");
});

test("people get a line with time, level, part, text, fields and trace", () => {
	loggerOf(true).warn("It is slow.", { ms: 12 }, new Error("because"));
	expect(written.join("")).toMatch(
		/^\d\d:\d\d:\d\d warn {2}TEST {2}It is slow\. ms=12\nError: because\n {4}at /,
	);
});

test("the framework's own progress is not for people, its warnings are", () => {
	const broker = new ServiceBroker({
		nodeID: "n",
		logger: pinoLogger({ logLevel: "info", logPretty: true }),
	});
	expect(written).toEqual([]);
	broker.logger.warn("careful");
	expect(written.join()).toMatch("BROKER  careful");
});
