/** Each line of the table of a chat's states, at a real server. */
import { randomUUID } from "node:crypto";
import { afterAll, afterEach, expect, test } from "@jest/globals";
import type { ChatHandle, ChatStatus } from "../../client/api.ts";
import { CHAT_TRANSITIONS, type ChatTransition } from "../../client/log/transitions.ts";
import type { Chat } from "../../contracts/chats.ts";
import { until } from "../support/clients.ts";
import { Device } from "../support/devices.ts";
import { CLEAR, type Fate } from "../support/faulty-line.ts";
import { ok, type Person, people, urls } from "../support/people.ts";
import { eventually } from "../support/stage.ts";

/** What the device asks about a chat's log gets lost; so does what it hears of the chat. */
const ASKS = /"chat:(join|changes)"/;
const MUTE: Fate = frame => (ASKS.test(frame) ? [] : [0]);
const DEAF: Fate = frame => (ASKS.test(frame) || /^42\["(chat:|message|inbox:)/.test(frame) ? [] : [0]);
const EIGHT = 8;

interface Stage {
	ann: Person;
	ben: Person;
	chat: Chat;
	/** Ben's. */
	device: Device;
	handle: ChatHandle;
	/** The states of `handle`, one after the other. */
	seen: ChatStatus[];
}

let device: Device | null = null;
const pairs = new Set<string>();

afterEach(async () => {
	await device?.end();
	device = null;
});

function watch(stage: Stage, handle: ChatHandle): void {
	stage.handle = handle;
	stage.seen.push(handle.state.get().status);
	handle.state.subscribe(() => {
		const { status } = handle.state.get();
		const last = stage.seen.at(-1) as ChatStatus;
		if (stage.handle !== handle || status === last) return;
		stage.seen.push(status);
		pairs.add(`${last} → ${status}`);
	});
}

async function newStage(): Promise<Stage> {
	const [ann, ben] = (await people("ann", "ben")) as [Person, Person];
	const chat = await ann.group(ben);
	await ann.say(chat.id, "first");
	device = await Device.on(urls()[0] as string, ben, { ackMs: 3_000 });
	await device.client.ready();
	const stage: Stage = { ann, ben, chat, device, handle: device.chat(chat.id), seen: [] };
	watch(stage, device.chat(chat.id));
	return stage;
}

const reaches = ({ handle }: Stage, wanted: ChatStatus) =>
	until(handle.state, ({ status }) => status === wanted, 30_000);

async function live(stage: Stage): Promise<void> {
	stage.device.open(stage.chat.id);
	await reaches(stage, "live");
}

const WAYS: Record<ChatStatus, (stage: Stage) => Promise<unknown>> = {
	closed: async () => {},
	async opening({ device, chat }) {
		device.line.fate = MUTE;
		device.open(chat.id);
	},
	live,
	async recovering(stage) {
		await live(stage);
		stage.device.line.fate = MUTE;
		stage.device.line.cut();
		await reaches(stage, "recovering");
	},
	async gone(stage) {
		await live(stage);
		await removeBen(stage);
		await reaches(stage, "gone");
	},
};

const removeBen = async ({ ann, ben, chat }: Stage) =>
	ok(await ann.rest.delete(`/chats/${chat.id}/members/${ben.id}`));

const ON: Record<(typeof CHAT_TRANSITIONS)[number]["on"], (stage: Stage) => Promise<unknown>> = {
	"open()": async ({ handle }) => handle.open(),
	async "something is stored"(stage) {
		const { device, chat } = stage;
		device.line.fate = CLEAR;
		await reaches(stage, "live");
		const stored = await device.database();
		await eventually(
			() => stored.read(tx => tx.get("chats", chat.id)),
			row => row !== undefined,
		);
		device.line.fate = MUTE;
		device.reload();
		watch(stage, device.chat(chat.id));
	},
	async answered({ device }) {
		device.line.fate = CLEAR;
	},
	"no answer": ({ handle }) => until(handle.state, ({ error }) => error?.code === "UNAVAILABLE"),
	async "NOT_FOUND or FORBIDDEN"(stage) {
		const { device, handle } = stage;
		device.line.fate = DEAF;
		await removeBen(stage);
		device.line.fate = CLEAR;
		await until(handle.state, ({ error }) => error?.code === "NOT_FOUND");
	},
	deleted: async ({ ann, chat }) => ok(await ann.rest.delete(`/chats/${chat.id}`)),
	async "closed, and eight others after it"({ device, chat }) {
		device.shut(chat.id);
		for (let i = 0; i < EIGHT; i++) device.chat(randomUUID()).open()();
	},
	"signOut()": ({ device }) => device.client.signOut(),
	async "a change was missed"({ device, ann, chat }) {
		device.line.fate = frame => (frame.startsWith('42["message"') ? [] : [0]);
		await ann.say(chat.id, "lost");
	},
	"connected again": async ({ device }) => device.line.cut(),
	"no longer a member": removeBen,
	async "no longer following a thread"(stage) {
		const [message] = stage.handle.state.get().messages;
		const thread = await stage.handle.thread(message?.id ?? "");
		watch(stage, thread);
		thread.open();
		await reaches(stage, "live");
		thread.send({ content: "a reply" });
		await until(thread.state, ({ self, messages }) => self !== null && messages[0]?.seq === 1);
		await reaches(stage, "live");
		await thread.leave();
	},
	async "more than 1,000 changes missed"({ device, ann, chat }) {
		device.line.fate = DEAF;
		for (let n = 0; n < 11; n++)
			await Promise.all(Array.from({ length: 92 }, (_, i) => ann.say(chat.id, `words ${n} ${i}`)));
		const reset = new Promise(resolve => device.client.on("reset", resolve));
		device.line.fate = CLEAR;
		await reset;
	},
	"a member again": async ({ ann, ben, chat }) =>
		ok(await ann.rest.post(`/chats/${chat.id}/members`, { userIds: [ben.id] })),
};

test.each(
	CHAT_TRANSITIONS.map((row: ChatTransition) => [`${row.from}, ${row.on} → ${row.to}`, row] as const),
)(
	"%s",
	async (_, { from, on, to }) => {
		const stage = await newStage();
		await WAYS[from](stage);
		expect(stage.handle.state.get().status).toBe(from);
		if (from !== to) stage.seen.splice(0, stage.seen.length - 1);
		await ON[on as keyof typeof ON](stage);
		if (from === to) expect(stage.seen.at(-1)).toBe(from);
		else
			await eventually(
				() => stage.seen.join(),
				seen => `,${seen},`.includes(`,${from},${to},`),
				20_000,
			);
	},
	60_000,
);

afterAll(() => {
	const known = new Set(CHAT_TRANSITIONS.map(({ from, to }) => `${from} → ${to}`));
	expect([...pairs].filter(pair => !known.has(pair as never))).toEqual([]);
});
