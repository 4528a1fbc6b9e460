/** Reads all that happens in chats, in order, each once. `KAFKA=… node_modules/.bin/node examples/kafka-consumer.ts` */
import { Kafka } from "kafkajs";
import { isEvent, memorySeen, once, parseEvent } from "../contracts/consumer.ts";

const { KAFKA = "127.0.0.1:9092", CHAT_NAMESPACE = "chat", GROUP = "my-search" } = process.env;
const consumer = new Kafka({ brokers: KAFKA.split(",") }).consumer({ groupId: GROUP });
await consumer.connect();
await consumer.subscribe({ topic: `${CHAT_NAMESPACE}.chat.events`, fromBeginning: true });
// Events come at least once. This store forgets at a restart: keep the ids with what you make of the events.
const seen = memorySeen();
await consumer.run({
	async eachMessage({ message }) {
		await once(seen, parseEvent(message.value), async event => {
			if (isEvent(event, "message.created")) console.log(`${event.data.seq}: ${event.data.content}`);
		});
	},
});
