/** The least that moleculer-web can do for a POST: an action that answers with a constant. */
import { ServiceBroker } from "moleculer";
import ApiGateway from "moleculer-web";

const broker = new ServiceBroker({ logger: false });
broker.createService({ name: "empty", actions: { answer: () => ({ status: "ok" }) } });
const gateway = broker.createService({
	name: "api",
	mixins: [ApiGateway],
	settings: {
		ip: "127.0.0.1",
		port: 0,
		routes: [
			{
				path: "/api",
				aliases: { "POST /chats/:chatId/messages": "empty.answer" },
				bodyParsers: { json: true },
			},
		],
	},
});
await broker.start();
const { server } = gateway as unknown as { server: import("node:http").Server };
console.log(`http://127.0.0.1:${(server.address() as { port: number }).port}`);
