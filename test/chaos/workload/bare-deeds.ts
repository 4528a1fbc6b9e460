/** What people do on bare devices, each noted with its end. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Member } from "../../../contracts/chats.ts";
import type { Message } from "../../../contracts/messages.ts";
import type { Ack } from "../../support/socket.ts";
import type { Deed, Send } from "../record.ts";
import { type BareDevice, mayHaveHappened } from "./bare.ts";
import type { Cast } from "./cast.ts";
import type { Choices, DoneByDevice } from "./choices.ts";

const EMOJI = ["👍", "🎉", "🚀"];
/** How far back people change things. */
const RECENT = 12;
const VANISH_MS_MAX = 600;
const AGAIN_MS = 250;
/** A send whose outcome is unknown is repeated under its key, so many times. */
const TRIES_MAX = 40;

export interface Doing {
	device: BareDevice;
	cast: Cast;
	choices: Choices;
	note(deed: Deed): void;
	isOver(): boolean;
}

/** Does one thing, if there is anything to do it with. */
export async function doBare(does: DoneByDevice, doing: Doing): Promise<void> {
	const { device, cast, choices } = doing;
	const chatId = choices.one(cast.chatIds);
	if (does === "vanish") return device.vanish(choices.chance() * VANISH_MS_MAX);
	if (does === "send") return sends(doing, chatId);
	if (does === "look") return looks(doing, chatId);
	const known = device.model.chats.get(chatId);
	if (!known || known.messages.size === 0) return;
	const asked = { by: device.who.id, chatId, outcome: "unknown" as const, at: Date.now(), ms: 0, errors: 0 };
	if (does === "read") {
		const seq = Math.max(1, known.chat.lastSeq - Math.floor(choices.chance() * RECENT));
		const deed = { ...asked, does, seq } as Extract<Deed, { does: "read" }>;
		const ack = await ask(doing, deed, "message:read", { chatId, seq });
		const { readSeq } = (ack?.member ?? {}) as Partial<Member>;
		if (readSeq !== undefined) deed.readSeq = readSeq;
		if (ack) device.model.acknowledge(ack.member);
		return;
	}
	const recent = [...known.messages.values()].filter(
		({ seq, isDeleted }) => seq > known.chat.lastSeq - RECENT && !isDeleted,
	);
	const own = recent.filter(({ senderId }) => senderId === device.who.id);
	const isReaction = does === "react" || does === "unreact";
	const message = choices.one(isReaction ? recent : own);
	if (!message) return;
	const messageId = message.id;
	const more = isReaction
		? { emoji: choices.one(EMOJI) }
		: does === "edit"
			? { content: `edited ${randomUUID()}` }
			: {};
	const event = {
		edit: "message:update",
		delete: "message:delete",
		react: "message:react",
		unreact: "message:unreact",
	};
	const deed = { ...asked, does, messageId, ...more } as Extract<Deed, { messageId: string }>;
	const ack = await ask(doing, deed, event[does], { messageId, ...more });
	const said = ack?.message as Message | undefined;
	if (!said) return;
	deed.rev = said.rev;
	if (said.id !== messageId) device.notice(`asked about ${messageId} and was answered about ${said.id}`);
}

/** At the newest of a chat, or at one's inbox. */
async function looks(doing: Doing, chatId: string): Promise<void> {
	const { device, choices } = doing;
	const asked = { by: device.who.id, chatId, outcome: "unknown" as const, at: Date.now(), ms: 0, errors: 0 };
	const deed: Deed = { ...asked, does: "look" };
	await (choices.oneIn(2)
		? ask(doing, deed, "chat:messages", { chatId })
		: ask(doing, deed, "inbox:list", {}));
}

/** One message, or three at once; now and then a message goes twice. */
async function sends(doing: Doing, chatId: string): Promise<void> {
	const { choices, device, cast } = doing;
	const others = cast.people.filter(({ id }) => id !== device.who.id);
	const all = Array.from({ length: choices.oneIn(8) ? 3 : 1 }, (): Send => {
		const clientId = randomUUID();
		const mentions = choices.oneIn(6) ? [choices.one(others).id] : [];
		const asked = {
			by: device.who.id,
			chatId,
			outcome: "unknown" as const,
			at: Date.now(),
			ms: 0,
			errors: 0,
		};
		return { ...asked, does: "send", clientId, content: `said ${clientId}`, mentions };
	});
	const isTwice = choices.oneIn(8);
	await Promise.all(
		all.map(async send => {
			await untilKnown(doing, send);
			if (isTwice && send.outcome === "ok") await repeat(doing, send);
		}),
	);
}

const payloadOf = ({ chatId, clientId, content, mentions }: Send) => ({
	chatId,
	clientId,
	content,
	mentions,
});

async function untilKnown(doing: Doing, send: Send): Promise<void> {
	for (let tries = 0; tries < TRIES_MAX && send.outcome === "unknown"; tries++) {
		if (tries > 0) {
			await sleep(AGAIN_MS);
			while (!doing.device.isOnline && !doing.isOver()) await sleep(AGAIN_MS);
			if (doing.isOver()) return;
		}
		const ack = await ask(doing, send, "message", payloadOf(send), tries > 0);
		if (ack) answered(doing, send, ack.message);
	}
}

function answered({ device }: Doing, send: Send, { id, seq, clientId }: Message): void {
	if (clientId !== send.clientId) device.notice(`sent ${send.clientId} and was answered for ${clientId}`);
	Object.assign(send, { id, seq });
}

/** The same key with other words gives the first message. */
async function repeat({ device }: Doing, send: Send): Promise<void> {
	const ack = await device.ask("message", { ...payloadOf(send), content: "said again" }).catch(() => null);
	if (ack?.status === "ok" && ack.message.id !== send.id)
		device.notice(`repeated ${send.clientId} and was answered with another message`);
}

/** Asks once, and notes what came of it. @returns the acknowledgement where it is one */
async function ask(
	doing: Doing,
	deed: Deed,
	event: string,
	payload: object,
	isRepeat = false,
): Promise<Ack | null> {
	const startedAt = performance.now();
	if (!isRepeat) doing.note(deed);
	const ack = await doing.device.ask(event, payload).catch(() => null);
	deed.ms = Math.max(deed.ms, performance.now() - startedAt);
	if (ack?.status === "ok") {
		deed.outcome = "ok";
		return ack;
	}
	deed.errors++;
	if (ack) deed.code = ack.code;
	// Once it was unknown, a refusal of a repeat does not make it known.
	if (ack && !isRepeat && !mayHaveHappened(ack.code)) deed.outcome = "failed";
	return null;
}
