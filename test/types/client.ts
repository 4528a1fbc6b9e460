/** What an application may and may not write against `@parley/client`. Nothing here runs. */
import {
	type Client,
	type ClientEvents,
	createClient,
	createSession,
	LIMITS,
	memoryStorage,
	ParleyError,
	type SendState,
	type ShownMessage,
} from "@parley/client";

const client: Client = createClient({ url: "https://chat.example", token: () => "a token" });
createClient({ url: "https://chat.example", token: createSession({ url: "https://chat.example" }).token });
createClient({ url: "", token: async () => "", account: "ann", platform: { storage: memoryStorage() } });
// @ts-expect-error: a client speaks for somebody
createClient({ url: "https://chat.example" });
// @ts-expect-error: a token is a text
createClient({ url: "https://chat.example", token: () => 7 });
// @ts-expect-error: there is no such time
createClient({ url: "https://chat.example", token: "", times: { patienceMs: 1 } });

const chat = client.chat("an id");
const pending: ShownMessage = chat.send({ content: "hello", mentions: ["an id"] });
// @ts-expect-error: a message has something in it
chat.send({});
// @ts-expect-error: only the server could write those, and it writes none
chat.send({ content: "hello", type: "system" });
// @ts-expect-error: it may have no place yet
const place: number = pending.seq;
void place;
// @ts-expect-error: lists are followed, not changed
chat.state.get().messages.push(pending);
// @ts-expect-error: one goes to one place
void chat.jumpTo("an id");
void chat.jumpTo({ date: new Date() });
// @ts-expect-error: there is no such role
void chat.updateMember("an id", { role: "king" });

function words(delivery: SendState): string {
	// @ts-expect-error: only what failed has a reason
	void delivery.code;
	if (delivery.state === "failed") return `${delivery.code} ${delivery.retryable}`;
	return delivery.state;
}
words(pending.delivery);

client.on("received", ({ message, mentioned }) => `${message.content} ${mentioned}`);
client.on("chat:updated", chat => chat.name);
// @ts-expect-error: there is no such event
client.on("mesage", () => {});
// @ts-expect-error: it says which chat began anew, not how much was missed
client.on("reset", ({ count }) => count);
const heard: keyof ClientEvents = "recovered";
void heard;

void client.createChat({ participantIds: ["an id"] });
// @ts-expect-error: threads are made on messages
void client.createChat({ type: "thread", participantIds: [] });
void client.rest("GET /channels", { search: "news" }).then(page => page.items[0]?.name);
// @ts-expect-error: there is no such route
void client.rest("GET /channel", {});
// @ts-expect-error: a path has to be filled
void client.rest("GET /chats/:chatId", {});
// @ts-expect-error: what a status may be is known
void client.setPresence("asleep");

const error = new ParleyError("RATE_LIMITED");
// @ts-expect-error: there is no such code
if (error.code === "TOO_FAST") void error.retryAfter;
// @ts-expect-error: limits are the server's
LIMITS.contentUnitsMax = 1;
