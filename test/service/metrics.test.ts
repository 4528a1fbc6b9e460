import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type ParleyNode, startNode } from "../support/nodes.ts";
import { goHome, person } from "../support/people.ts";
import { readyData } from "../support/ready-data.ts";
import { freePorts } from "../support/servers/ports.ts";

let node: ParleyNode;
let metricsUrl: string;
const folder = mkdtempSync(join(tmpdir(), "parley-metrics-"));

beforeAll(async () => {
	const [port] = await freePorts(1);
	metricsUrl = `http://127.0.0.1:${port}/metrics`;
	node = await startNode({ CHAT_DATA_DIR: readyData(folder), CHAT_METRICS_PORT: String(port) });
}, 60_000);

afterAll(async () => {
	goHome();
	await node?.stop();
	rmSync(folder, { recursive: true, force: true });
});

async function metrics(): Promise<string> {
	const response = await fetch(metricsUrl);
	expect(response.status).toBe(200);
	return response.text();
}

test("an operator's Prometheus reads how often each action was asked", async () => {
	const ann = await person("ann", [node.url]);
	const chat = await ann.group();
	for (let n = 0; n < 5; n++) await ann.say(chat.id, `message ${n}`);
	const sends = (await metrics())
		.split("\n")
		.find(line => /request_total\{.*action="messages\.send"/.test(line) && !line.includes('level="0"'));
	expect(Number(sends?.split(" ").at(-1))).toBeGreaterThanOrEqual(5);
}, 20_000);

test("an operator's Prometheus, and an autoscaler, read how many sockets a gateway holds", async () => {
	const ann = await person("ann", [node.url]);
	const shows = async (count: number) => {
		const line = new RegExp(`^parley_sockets\\{.*\\} ${count}$`, "m");
		while (!line.test(await metrics())) await new Promise(done => setTimeout(done, 100));
	};
	const sockets = [await ann.sender(), await ann.sender()];
	await shows(2);
	sockets[0]?.close();
	await shows(1);
	sockets[1]?.close();
	await shows(0);
}, 20_000);

test("no metric is labelled with who or what was asked for: their number is bounded", async () => {
	const before = (await metrics()).split("\n").length;
	const ann = await person("ann", [node.url]);
	const socket = await ann.sender();
	for (let n = 0; n < 10; n++) {
		const chat = await ann.group();
		await socket.emit("message", { chatId: chat.id, content: "hello" });
	}
	const text = await metrics();
	expect(text).not.toContain(ann.id);
	expect(text).not.toContain(socket.id);
	expect(text.split("\n").length).toBeLessThan(before + 200);
}, 20_000);
