import { afterAll, beforeAll, expect, test } from "@jest/globals";
import fc from "fast-check";
import { ANN, startGateway } from "../support/gateway.ts";
import { rawSocket } from "../support/raw-socket.ts";
import { connect } from "../support/socket.ts";

let gateway: Awaited<ReturnType<typeof startGateway>>;
const unhandled: unknown[] = [];
const note = (err: unknown) => unhandled.push(err);
const CHAT = "01900000-0000-7000-8000-0000000000c1";
const auth = { token: `user:${ANN}` };

beforeAll(async () => {
	process.on("unhandledRejection", note);
	gateway = await startGateway({
		"chats.rooms": () => ({ items: [], nextCursor: null }),
		"chats.heads": () => ({ items: [], since: "1" }),
	});
});

afterAll(async () => {
	await gateway.stop();
	process.off("unhandledRejection", note);
	expect(unhandled).toEqual([]);
});

async function stillServes() {
	const socket = await connect(gateway.url, auth.token);
	expect((await socket.emit("message", { chatId: CHAT, content: "x" })).status).toBe("ok");
	socket.close();
}

const deep = (n: number) => "[".repeat(n) + "]".repeat(n);
const SEEDS = [
	"40",
	'40{"token":1}',
	`40${JSON.stringify(auth)}`,
	"40null",
	"40[]",
	"40/admin,{}",
	`40/${"a/".repeat(5_000)},{}`,
	"41",
	"42",
	"4200",
	'42["message"]',
	'421["message",{}]',
	'42[1,{"a":2}]',
	'4299999999999999999999["message",{}]',
	'42["__proto__",{"__proto__":{"x":1}}]',
	`42["message",{"chatId":"${CHAT}","content":"x","metadata":${'{"a":'.repeat(5_000)}1${"}".repeat(5_000)}}]`,
	`42["message",${deep(15_000)}]`,
	'42["disconnect"]',
	'42["connect"]',
	'42["newListener"]',
	"43",
	"431[]",
	'44{"message":"x"}',
	'451-["message",{"_placeholder":true,"num":0}]',
	'451000000-["message",{"_placeholder":true,"num":0}]',
	'452-["message",{"_placeholder":true,"num":-1}]',
	`451-["message",${deep(15_000)}]`,
	"46",
	"2probe",
	"3",
	"5",
	"6",
	"9",
	"",
	"b",
	"bAAAA",
	"4\u0000",
	"\uffff",
];

test("T15: no broken packet ends the process, nor disturbs the others", async () => {
	for (const seed of SEEDS) {
		for (const signedIn of [true, false]) {
			const raw = await rawSocket(gateway.port, signedIn ? auth : undefined);
			raw.send(seed);
			raw.send('42["nope",{}]');
			await new Promise(resolve => setTimeout(resolve, 5));
			raw.tcp.destroy();
		}
	}
	await stillServes();
}, 60_000);

test("T15: bytes at random after a good beginning end at most the connection that they came on", async () => {
	const mutated = fc.tuple(
		fc.constantFrom(...SEEDS),
		fc.nat(80),
		fc.string({ maxLength: 20, unit: "binary" }),
	);
	const samples = fc.sample(mutated, 1_500);
	let raw = await rawSocket(gateway.port, auth);
	for (const [i, [seed, at, text]] of samples.entries()) {
		if (raw.tcp.destroyed || i % 50 === 0) {
			raw.tcp.destroy();
			raw = await rawSocket(gateway.port, auth);
		}
		raw.send(seed.slice(0, at) + text + seed.slice(at + text.length));
		if (i % 10 === 0) await new Promise(resolve => setImmediate(resolve));
	}
	raw.tcp.destroy();
	await stillServes();
}, 60_000);

test("T15: a packet beyond 64 KB closes the connection and costs nobody else anything", async () => {
	const raw = await rawSocket(gateway.port, auth);
	raw.send(`42["message",{"chatId":"${CHAT}","content":"${"x".repeat(70_000)}"}]`);
	await raw.closed;
	const response = await fetch(`${gateway.url}/socket.io/?EIO=4&transport=polling`);
	const { sid } = JSON.parse((await response.text()).slice(1)) as { sid: string };
	const posted = await fetch(`${gateway.url}/socket.io/?EIO=4&transport=polling&sid=${sid}`, {
		method: "POST",
		body: `4${"x".repeat(70_000)}`,
	}).then(
		({ status }) => status,
		() => 413,
	);
	expect(posted).toBeGreaterThanOrEqual(400);
	await stillServes();
});

test("T15: one connection signs in once; what tries more often, or beside it, is closed", async () => {
	const twice = await rawSocket(gateway.port);
	for (let i = 0; i < 3; i++) twice.send(`40${JSON.stringify(auth)}`);
	await twice.closed;
	const guesser = await rawSocket(gateway.port);
	for (let i = 0; i < 6; i++) {
		guesser.send(`40{"token":"guess ${i}"}`);
		await new Promise(resolve => setTimeout(resolve, 20));
	}
	await guesser.closed;
	expect(guesser.texts().filter(text => text.startsWith("44"))).toHaveLength(5);
	await stillServes();
});

test("T15: who leaves the namespace is disconnected", async () => {
	const raw = await rawSocket(gateway.port, auth);
	raw.send("41");
	await raw.closed;
});
