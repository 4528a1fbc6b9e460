/** One bridge in a process of its own, started by `bridge.ts`; its settings come as an argument. */
import { ServiceBroker, type ServiceSchema } from "moleculer";
import type { LogBatch } from "../../contracts/events.ts";
import { announce } from "../../lib/moleculer.ts";
import { brokerOptions } from "../../moleculer.config.ts";
import bridgeService from "../../services/kafka-bridge/kafka-bridge.service.ts";

const settings = { ...bridgeService.settings, ...JSON.parse(process.argv[2] ?? "{}") };
const broker = new ServiceBroker(brokerOptions({ logger: true, logLevel: "warn" }));
broker.createService({ ...bridgeService, settings } as unknown as ServiceSchema);
process.on("message", batch => void announce(broker, "log.batch", batch as LogBatch));
process.once("SIGTERM", () => void broker.stop().then(() => process.exit(0)));
await broker.start();
process.stdout.write("ready\n");
