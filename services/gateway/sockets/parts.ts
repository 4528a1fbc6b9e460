import type { ServiceBroker } from "moleculer";

export type Logger = ServiceBroker["logger"];
