/** `npm run repl`: a prompt in the running cluster, as a node without services. Without Redis there is one process, and the prompt starts it. */
import "./node/harden.ts";
import { explain } from "./node/failure.ts";
import { startAndStay } from "./node/main.ts";

const { config } = await import("../lib/config.ts").catch(err => {
	console.error(explain(err));
	process.exit(1);
});

const { redisLink } = await import("../lib/redis-client.ts");
const redis = redisLink(config);
if (redis === null) {
	console.log(
		"Without CHAT_REDIS_URL there is one process and nothing to join: starting a node with a prompt.",
	);
	await startAndStay({ build: false, repl: true });
} else {
	const { ServiceBroker } = await import("moleculer");
	const { brokerOptions } = await import("../moleculer.config.ts");
	const { waitForRedis } = await import("./node/redis.ts");
	await waitForRedis(redis, text => console.log(text)).catch(err => {
		console.error(explain(err));
		process.exit(1);
	});
	const broker = new ServiceBroker(
		brokerOptions({ nodeID: `repl-${process.pid}`, metrics: { enabled: false } }),
	);
	process.once("SIGTERM", () => broker.stop().then(() => process.exit()));
	await broker.start();
	console.log(
		`Joined "${config.namespace}". \`nodes\`, \`services\`, \`actions\` show what is there; \`exit\` leaves.`,
	);
	const { prompt } = await import("./node/prompt.ts");
	prompt(broker);
}
