/** The example for Kafka, on a real one. */
import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type RunningForm, startForm } from "../support/nodes.ts";
import { people } from "../support/people.ts";
import { type Running, start } from "../support/programs.ts";

const LIMIT_MS = 180_000;
let form: RunningForm;
let program: Running | undefined;

beforeAll(async () => {
	form = await startForm("cluster", {}, 1);
	process.env.PARLEY_URLS = form.urls.join(",");
}, LIMIT_MS);

afterAll(async () => {
	program?.stop();
	await form?.stop();
}, LIMIT_MS);

test(
	"the consumer prints each message once, in order",
	async () => {
		const [ann, ben] = await people("ann", "ben");
		const { id } = await ann.group(ben);
		const said = ["one", "two", "three", "four", "five"];
		for (const content of said) await ann.say(id, content);
		program = start(fileURLToPath(new URL("../../examples/kafka-consumer.ts", import.meta.url)), {
			KAFKA: form.env.CHAT_KAFKA_BROKERS as string,
			CHAT_NAMESPACE: form.env.CHAT_NAMESPACE as string,
			GROUP: `example-${randomBytes(4).toString("hex")}`,
		});
		await program.says("5: five");
		const lines = program.output().match(/^\d+: .*$/gm);
		expect(lines).toEqual(said.map((content, i) => `${i + 1}: ${content}`));
	},
	LIMIT_MS,
);
