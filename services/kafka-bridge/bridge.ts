/** The parts of the bridge, put together for a node with or without Kafka. */
import type { Logger, ServiceBroker, ServiceSettingSchema } from "moleculer";
import type { Events } from "../../contracts/events.ts";
import type { BridgeStatus, ParleyEvent } from "../../contracts/kafka.ts";
import * as presence from "../../contracts/presence.ts";
import type { Config } from "../../lib/config.ts";
import type { Database } from "../../lib/database.ts";
import { newId } from "../../lib/ids.ts";
import { announce, call } from "../../lib/moleculer.ts";
import { analyticsConsumer } from "./consumers/analytics.ts";
import { auditConsumer } from "./consumers/audit.ts";
import type { BridgeConsumer } from "./consumers/consumer.ts";
import { IntakeStore } from "./consumers/intake.store.ts";
import { Intake } from "./consumers/intake.ts";
import { notificationsConsumer } from "./consumers/notifications.ts";
import { fromKafka, toConsumers } from "./consumers/sources.ts";
import { Ephemeral } from "./ephemeral.ts";
import { exposeMetrics } from "./metrics.ts";
import { kafkajsPort } from "./port.kafkajs.ts";
import type { KafkaPort } from "./port.ts";
import { Leases } from "./relay/leases.ts";
import { OutboxStore } from "./relay/outbox.store.ts";
import { Relay } from "./relay/relay.ts";
import { kafkaSink } from "./relay/sink.kafka.ts";
import { Sweeper } from "./sweeper.ts";
import { Watch } from "./watch.ts";
import { within } from "./within.ts";

export interface BridgeSettings extends ServiceSettingSchema {
	leaseMs: number;
	renewEveryMs: number;
	pollEveryMs: number;
	lingerMs: number;
	batchBytesMax: number;
	/** How often a single record at fault is tried. */
	triesMax: number;
	triesPauseMs: number;
	sendTimeoutMs: number;
	sessionTimeoutMs: number;
	fetchWaitMs: number;
	watchEveryMs: number;
	sweepEveryMs: number;
	stopTimeoutMs: number;
}

export interface BridgeOptions {
	db: Database;
	broker: ServiceBroker;
	logger: Logger;
	config: Config;
	settings: BridgeSettings;
}

export interface Bridge {
	start(): void;
	written(batch: Events["log.batch"]): void;
	presence(users: Events["presence.changed"]["users"]): void;
	typing(typing: Events["typing.moved"]): void;
	status(): BridgeStatus;
	stop(): Promise<void>;
}

const PRESENCE_TIMEOUT_MS = 2_000;

export function openBridge(o: BridgeOptions): Bridge {
	const { db, broker, logger, settings, config } = o;
	const namespace = db.schema;
	// A producer has one request on its way, so the relay has one of its own.
	const ports = config.kafkaBrokers.length > 0 ? { relay: openPort(o), consumers: openPort(o) } : null;
	const publish = ports ? publisher(ports.consumers) : announcer(o);
	const intakes = consumersOf(o).map(consumer => intakeOf(o, consumer, publish, ports !== null));

	// Not the node's name, which may come back after a restart while its leases go on.
	const leases = new Leases(db, `${broker.nodeID}/${newId()}`, settings.leaseMs);
	const outbox = new OutboxStore(db, leases.owner);
	const sink = ports ? kafkaSink(ports.relay, namespace, logger) : toConsumers(intakes);
	const relay = new Relay({ ...settings, namespace, outbox, leases, sink, logger });
	const ephemeral = ports && new Ephemeral({ namespace, holds: lane => leases.holds(lane), publish });
	const sweeper = new Sweeper(db, logger, settings.sweepEveryMs, config.databaseUrl === null);
	const watch = new Watch({
		port: ports?.relay ?? null,
		oldestS: () => outbox.oldestS(),
		logger,
		everyMs: settings.watchEveryMs,
		onReady() {
			if (!config.consumers) return;
			for (const intake of intakes)
				ports?.consumers.consume(intake.consumer.name, intake.consumer.topics, fromKafka(intake));
		},
		onLook: exposeMetrics(broker, () => relay.published),
	});

	return {
		start() {
			watch.start();
			relay.start();
			sweeper.start();
		},
		written: batch => relay.hand(batch),
		presence: users => ephemeral?.presence(users),
		typing: typing => ephemeral?.typing(typing),
		status: () => ({ ...watch.status, lanes: leases.current().length }),
		async stop() {
			watch.stop();
			sweeper.stop();
			// What is not given back in time ends by itself: leases, memberships of groups.
			const parts = [relay.stop(), ephemeral?.stop(), ports?.consumers.close()];
			const all = Promise.all(parts).then(() => ports?.relay.close());
			await within(settings.stopTimeoutMs, "Stopping the bridge", all).catch(err => logger.warn(err.message));
		},
	};
}

function openPort({ config, settings, logger, db }: BridgeOptions): KafkaPort {
	const { sendTimeoutMs, sessionTimeoutMs, fetchWaitMs } = settings;
	return kafkajsPort(
		{
			brokers: config.kafkaBrokers,
			security: config.kafkaSecurity,
			namespace: db.schema,
			partitions: config.kafkaPartitions,
			replication: config.kafkaReplication,
			sendTimeoutMs,
			sessionTimeoutMs,
			fetchWaitMs,
		},
		logger,
	);
}

function publisher(port: KafkaPort) {
	return (events: readonly ParleyEvent[]) =>
		port.produce(
			events.map(event => ({ topic: event.type, key: event.subject, value: JSON.stringify(event) })),
		);
}

/** Without Kafka: whom to notify is told to the services, the rest follows from the tables. */
function announcer({ broker, logger }: BridgeOptions) {
	return async (events: readonly ParleyEvent[]) => {
		for (const event of events) {
			if (event.type !== "notification.send") continue;
			// Not awaited: who hears it takes their time, and may need the one connection of the embedded PostgreSQL.
			announce(broker, event.type, event).catch(err =>
				logger.warn("A notification failed where it was heard.", err),
			);
		}
	};
}

function consumersOf({ db, broker, config }: BridgeOptions): BridgeConsumer[] {
	const namespace = db.schema;
	const notifyAllMax = config.capabilities.notifyAll;
	const offlineAmong = (userIds: readonly string[]) => offline(broker, userIds);
	return [
		analyticsConsumer(db.t, namespace),
		auditConsumer(db.t, namespace),
		notificationsConsumer({ db, namespace, notifyAllMax, offlineAmong }),
	];
}

/** Where presence does not answer, everyone counts as offline: rather a notification too many than one too few. */
async function offline(broker: ServiceBroker, userIds: readonly string[]): Promise<ReadonlySet<string>> {
	const all = new Set(userIds);
	try {
		const found = await call(
			broker,
			presence.of,
			{ userIds: [...userIds] },
			{ timeout: PRESENCE_TIMEOUT_MS },
		);
		const here = new Set(found.filter(({ status }) => status !== "offline").map(({ userId }) => userId));
		return all.difference(here);
	} catch {
		return all;
	}
}

function intakeOf(
	{ db, logger, settings }: BridgeOptions,
	consumer: BridgeConsumer,
	publish: (events: readonly ParleyEvent[]) => Promise<void>,
	ordered: boolean,
): Intake {
	const { triesMax, triesPauseMs } = settings;
	const store = new IntakeStore(db, consumer.name);
	return new Intake({
		consumer,
		store,
		namespace: db.schema,
		logger,
		publish,
		ordered,
		triesMax,
		triesPauseMs,
	});
}
