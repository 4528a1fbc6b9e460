/** Whether this node should be asked: for balancers and people, so it names parts and never hosts. */
import type { ServerResponse } from "node:http";
import type { Redis } from "ioredis";
import type { ServiceBroker } from "moleculer";
import * as auth from "../../contracts/auth.ts";
import * as chats from "../../contracts/chats.ts";
import * as kafka from "../../contracts/kafka.ts";
import * as messages from "../../contracts/messages.ts";
import type { Database } from "../../lib/database.ts";
import { unavailable } from "../../lib/errors.ts";
import { newId } from "../../lib/ids.ts";
import { call } from "../../lib/moleculer.ts";
import { send } from "./rest/answer.ts";
import type { Page } from "./rest/index.ts";
import { problemOf, wireError } from "./wire-error.ts";

type State = "up" | "down" | "off";

interface Checks {
	database: State;
	redis: State;
	kafka: State;
	services: State;
}

export interface Report {
	status: "ok" | "degraded" | "down" | "draining";
	checks: Checks;
	/** What is down and needed. */
	down: string[];
}

export interface Parts {
	broker: ServiceBroker;
	db: Pick<Database, "query">;
	redis: Redis | null;
	/** Whether brokers are configured. */
	withKafka: boolean;
	draining(): boolean;
}

const OFF: State = "off";
const CHECK_TIMEOUT_MS = 2_000;
/** Anybody may ask, so what is found out serves everybody for a while. */
const KEPT_MS = 1_000;

/** One action of each service without which nobody can chat. */
const NEEDED = [auth.verify, chats.rooms, messages.send];

export class Health {
	readonly #parts: Parts;
	#last: { checks: Promise<Checks>; at: number } | null = null;

	constructor(parts: Parts) {
		this.#parts = parts;
	}

	async report(): Promise<Report> {
		const checks = await this.#checks();
		const down = Object.entries(checks).flatMap(([name, state]) =>
			// Without Kafka events wait in the outbox, and no user notices.
			state === "down" && name !== "kafka" ? [name] : [],
		);
		const settled = down.length > 0 ? "down" : checks.kafka === "down" ? "degraded" : "ok";
		return { status: this.#parts.draining() ? "draining" : settled, checks, down };
	}

	async answer(res: ServerResponse): Promise<void> {
		const report = await this.report();
		if (report.status === "ok" || report.status === "degraded") send(res, 200, JSON.stringify(report));
		else {
			const wire = { ...wireError(unavailable()), message: reasonOf(report) };
			res.setHeader("Retry-After", "1");
			const { status: reason, checks, down } = report;
			const body = JSON.stringify({ ...problemOf(wire, newId()), reason, checks, down });
			send(res, 503, body, "application/problem+json; charset=utf-8");
		}
	}

	#checks(): Promise<Checks> {
		if (!this.#last || performance.now() - this.#last.at > KEPT_MS)
			this.#last = { checks: this.#look(), at: performance.now() };
		return this.#last.checks;
	}

	async #look(): Promise<Checks> {
		const { broker, db, redis, withKafka } = this.#parts;
		const [database, redisState, kafkaState] = await Promise.all([
			stateOf(db.query("SELECT 1")),
			redis === null ? OFF : stateOf(redis.ping()),
			withKafka ? stateOf(assertPublishes(broker)) : OFF,
		]);
		const there = NEEDED.every(({ action }) => broker.registry.actions.isAvailable(action));
		return { database, redis: redisState, kafka: kafkaState, services: there ? "up" : "down" };
	}
}

/** Outside `/api`, and without a token: a balancer has none. */
export const healthPages: Record<string, Page> = {
	"/health": (_req, res, { health }) => health.answer(res),
	"/health/readiness": (_req, res, { health }) => health.answer(res),
	/** The event loop turns. Nothing else is asked, or one database that is away would restart every node. */
	"/health/liveness": (_req, res) => send(res, 200, JSON.stringify({ status: "ok" })),
};

function reasonOf({ status, down }: Report): string {
	return status === "draining" ? "This node is about to stop." : `Down: ${down.join(", ")}.`;
}

async function stateOf(answer: Promise<unknown>): Promise<State> {
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise<State>(resolve => {
		timer = setTimeout(resolve, CHECK_TIMEOUT_MS, "down");
	});
	const state = answer.then(
		(): State => "up",
		(): State => "down",
	);
	return Promise.race([state, late]).finally(() => clearTimeout(timer));
}

/** The bridge knows: this node's own, or another's. Where none is there, nobody publishes. */
async function assertPublishes(broker: ServiceBroker): Promise<void> {
	const status = await call(broker, kafka.status, {}, { timeout: CHECK_TIMEOUT_MS });
	if (status.kafka !== "up") throw new Error("The bridge does not reach Kafka.");
}
