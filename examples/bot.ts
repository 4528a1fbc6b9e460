/** A bot: answers in direct chats, and wherever it is mentioned. `node_modules/.bin/node examples/bot.ts` */
import { createClient, createSession } from "@parley/client";

const { PARLEY_URL: url = "http://127.0.0.1:3000", BOT = "ben" } = process.env;
const session = createSession({ url });
await session.signIn({ login: BOT, password: "parley-demo" });
const client = createClient({ url, token: session.token });
client.on("received", ({ message: { chatId, id, content }, mentioned }) => {
	const entry = client.inbox.get().items.find(({ chat }) => chat.id === chatId);
	if (entry?.chat.type !== "direct" && !mentioned) return;
	client.chat(chatId).send({ content: `You said: ${content}`, replyToId: id });
});
client.connect();
await client.ready();
console.log(`${BOT} listens`);
