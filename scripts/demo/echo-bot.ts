/** A bot on the client's SDK, as anyone would write one: it answers with what it is told. */
import { type Client, createClient, createSession, type Message } from "../../client/index.ts";
import { DEMO_BOT, DEMO_PASSWORD } from "../../lib/demo.ts";

/** Answers each message in direct chats, and each mention elsewhere. Resolves, once it listens, with what ends it. */
export async function startEchoBot(url: string): Promise<() => Promise<void>> {
	const session = createSession({ url });
	const me = await session.signIn({ login: DEMO_BOT.username, password: DEMO_PASSWORD });
	const client = createClient({ url, token: () => session.token() });
	client.on("received", ({ message, mentioned }) => {
		void answer(client, message, mentioned).catch(() => {}); // the chat is gone, or the server: nobody waits
	});
	client.connect();
	await client.ready();
	await answerWaiting(client, me.id);
	return async () => {
		client.disconnect();
		await session.signOut();
	};
}

async function answer(client: Client, message: Message, mentioned: boolean): Promise<void> {
	const { id, chatId, seq, content, type } = message;
	if (type === "system" || content === null) return;
	const isDirect = (await typeOf(client, chatId)) === "direct";
	if (!isDirect && !mentioned) return;
	const chat = client.chat(chatId);
	chat.markRead(seq);
	// The key makes it one answer, however often the message is come upon.
	chat.send({ content, clientId: `echo:${id}`, ...(!isDirect && { replyToId: id }) });
}

/** What came while the bot was away: the last words of each direct chat. What comes after the inbox is `received`. */
async function answerWaiting(client: Client, ownId: string): Promise<void> {
	await inboxLoaded(client);
	for (const { chat, unread, lastMessage } of client.inbox.get().items) {
		if (chat.type === "direct" && unread > 0 && lastMessage && lastMessage.senderId !== ownId)
			await answer(client, lastMessage, false);
	}
}

function inboxLoaded({ inbox }: Client): Promise<void> {
	return new Promise(resolve => {
		const look = () => {
			if (!inbox.get().loaded) return;
			end();
			resolve();
		};
		const end = inbox.subscribe(look);
		look();
	});
}

async function typeOf(client: Client, chatId: string) {
	const known = client.inbox.get().items.find(({ chat }) => chat.id === chatId);
	return (known?.chat ?? (await client.rest("GET /chats/:chatId", { chatId }))).type;
}
