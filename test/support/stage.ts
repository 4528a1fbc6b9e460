/** Two people with two devices each, in one group with a few messages: where I11 tries every action. */
import { inspect, isDeepStrictEqual } from "node:util";
import type { Chat } from "../../contracts/chats.ts";
import type { Message } from "../../contracts/messages.ts";
import type { ClientModel, State } from "./model.ts";
import { freshState } from "./model.ts";
import { type Person, people } from "./people.ts";
import type { TestSocket } from "./socket.ts";

export interface Device {
	owner: Person;
	socket: TestSocket;
	model: ClientModel;
}

export interface Stage {
	ann: Person;
	ben: Person;
	/** Not in the chat. */
	carol: Person;
	/** Ann owns it, Ben is a member. */
	chat: Chat;
	/** Ann's first message, and Ben's. */
	message: Message;
	reply: Message;
	/** Ann's two, then Ben's two. Ann's first is where she acts. */
	devices: [Device, Device, Device, Device];
}

export async function setStage(): Promise<Stage> {
	const [ann, ben, carol] = await people("ann", "ben", "carol");
	const chat = await ann.group(ben);
	const message = await ann.say(chat.id, "the first");
	const reply = await ben.say(chat.id, "the second");
	const devices = await Promise.all([
		device(ann, await ann.sender()),
		device(ann, await ann.receiver()),
		device(ben, await ben.sender()),
		device(ben, await ben.receiver()),
	]);
	return { ann, ben, carol, chat, message, reply, devices };
}

async function device(owner: Person, socket: TestSocket): Promise<Device> {
	return { owner, socket, model: await owner.model(socket) };
}

const SETTLE_MS = 15_000;

/** Waits until a check holds, or time is over; answers with its last value. */
async function settled<T>(
	look: () => Promise<T> | T,
	holds: (value: T) => boolean,
	ms = SETTLE_MS,
): Promise<T> {
	const deadline = Date.now() + ms;
	for (;;) {
		const value = await look();
		if (holds(value) || Date.now() > deadline) return value;
		await new Promise(done => setTimeout(done, 25));
	}
}

/** Waits until a check holds; answers with what it then is. @throws where it does not in time, with what it was last */
export async function eventually<T>(
	look: () => Promise<T> | T,
	holds: (value: T) => boolean,
	ms = SETTLE_MS,
): Promise<T> {
	const value = await settled(look, holds, ms);
	if (!holds(value))
		throw new Error(`It did not come to be in ${ms / 1_000} s, and was last: ${inspect(value)}`);
	return value;
}

/** `state_before + events` and the server's own state, once they agree or time is over. */
export async function compare({ owner, model }: Device): Promise<{ told: State; fresh: State }> {
	return settled(
		async () => {
			await model.idle();
			return { told: model.state(), fresh: await freshState(owner.id, owner.source()) };
		},
		({ told, fresh }) => isDeepStrictEqual(told, fresh),
	);
}
