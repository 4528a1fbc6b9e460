/** An application's own data, typed by merging into `Custom`. */
import type { Chat, Client, Message, ShownMessage, User } from "@parley/client";

declare module "@parley/client" {
	interface Custom {
		message: { orderId: string };
		chat: { team: number };
	}
}

declare const client: Client;
declare const message: Message;
declare const shown: ShownMessage;
declare const chat: Chat;
declare const user: User;

const orderId: string = message.metadata.orderId;
const same: string = shown.metadata.orderId;
const team: number = chat.metadata.team;
// Of what is not named, nothing is known.
const unknown: unknown = user.metadata.anything;
// @ts-expect-error: a message has no such thing
void message.metadata.invoiceId;
// @ts-expect-error: a team is a number
const name: string = chat.metadata.team;
// @ts-expect-error: what it is has to be found out
const text: string = user.metadata.anything;

client.chat("an id").send({ content: "your order", metadata: { orderId: "7" } });
// @ts-expect-error: an order has an id
client.chat("an id").send({ content: "your order", metadata: {} });
// @ts-expect-error: a team is a number
void client.createChat({ type: "group", participantIds: [], metadata: { team: "blue" } });
client.on("received", ({ message }) => message.metadata.orderId.length);

export { name, orderId, same, team, text, unknown };
