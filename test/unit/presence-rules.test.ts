import { expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Status } from "../../contracts/presence.ts";
import {
	isTransition,
	LINGER_MS,
	NEW_USER,
	present,
	settle,
	type UserRecord,
	withChoice,
	withLease,
	withoutLease,
} from "../../services/presence/presence.rules.ts";
import { memoryStore } from "../../services/presence/presence.store.memory.ts";
import { figure } from "../support/figure.ts";

const TTL = 30_000;
const T0 = 1_800_000_000_000;

/** A user whose connections do this, one after the other, at one moment. */
function after(...edits: ((user: UserRecord, now: number) => UserRecord)[]): UserRecord {
	return edits.reduce((user, edit) => settle(edit(user, T0), T0), NEW_USER);
}
const lease = (id: string, more: { idle?: boolean; chosen?: Status; text?: string | null } = {}) =>
	withLease(id, { ttlMs: TTL, ...more });

test.each<[string, UserRecord, Status]>([
	["nobody connected", after(), "offline"],
	["a connection", after(lease("a")), "online"],
	["an idle one", after(lease("a", { idle: true })), "away"],
	["an idle one and one in use", after(lease("a", { idle: true }), lease("b")), "online"],
	["away chosen on one of two", after(lease("a", { chosen: "away" }), lease("b")), "online"],
	["dnd chosen on one of two", after(lease("a", { chosen: "dnd" }), lease("b")), "dnd"],
	["dnd, idle", after(lease("a", { chosen: "dnd", idle: true })), "dnd"],
	["online chosen, then idle", after(lease("a", { chosen: "online" }), lease("a", { idle: true })), "away"],
	["invisible", after(lease("a", { chosen: "offline" })), "offline"],
	["invisible on one of two", after(lease("a", { chosen: "offline" }), lease("b")), "online"],
	["invisible for all", after(lease("a"), lease("b"), withChoice("offline", undefined)), "offline"],
	[
		"dnd for all, then another connection",
		after(lease("a"), withChoice("dnd", undefined), lease("b")),
		"dnd",
	],
	[
		"a choice for all replaces that of a connection",
		after(lease("a", { chosen: "dnd" }), withChoice("away", undefined)),
		"away",
	],
])("%s", (_, user, status) => {
	expect(user.told.status).toBe(status);
});

test("a choice and its text last until the last connection closes, and not longer", () => {
	const chosen = after(lease("a"), withChoice("dnd", "in a meeting"));
	expect(present("u", chosen)).toMatchObject({ status: "dnd", text: "in a meeting" });
	const gone = settle(withoutLease("a")(chosen, T0), T0 + LINGER_MS);
	expect(present("u", gone)).toEqual({
		userId: "u",
		status: "offline",
		text: null,
		lastSeenAt: new Date(T0 + LINGER_MS).toISOString(),
	});
	expect(settle(lease("b")(gone, T0), T0).told).toEqual({ status: "online", text: null });
});

test("a page that is reloaded was never away", () => {
	const before = after(lease("a"));
	const closed = settle(withoutLease("a")(before, T0), T0);
	const back = settle(lease("b")(closed, T0 + 2_000), T0 + 2_000);
	expect(isTransition({ before, after: closed })).toBe(false);
	expect(isTransition({ before: closed, after: back })).toBe(false);
	expect(Object.keys(back.leases)).toEqual(["b"]);
});

test("who goes invisible looks like one who left just now, and leaving then tells nothing", () => {
	const invisible = settle(withChoice("offline", "psst")(after(lease("a")), T0 + 5), T0 + 5);
	expect(present("u", invisible)).toMatchObject({ status: "offline", text: null });
	expect(invisible.lastSeenAt).toBe(T0 + 5);
	const gone = settle(invisible, T0 + TTL);
	expect(isTransition({ before: invisible, after: gone })).toBe(false);
	expect(gone.lastSeenAt).toBe(T0 + 5);
});

test("a user holds fifty leases, and the oldest makes room", () => {
	let user = NEW_USER;
	for (let i = 0; i < 60; i++) user = settle(lease(`c${i}`)(user, T0 + i), T0 + i);
	expect(Object.keys(user.leases)).toHaveLength(50);
	expect(user.leases).toHaveProperty("c59");
	expect(user.leases).not.toHaveProperty("c9");
});

type Step = { wait: number } & (
	| { do: "beat"; id: string; idle: boolean }
	| { do: "choose"; id: string; status: Status }
	| { do: "close"; id: string }
	| { do: "sweep" }
);

const id = fc.constantFrom("a", "b", "c");
const wait = fc.constantFrom(0, 100, LINGER_MS - 1, LINGER_MS, 10_000, 20_000, TTL - 1, TTL);
const step: fc.Arbitrary<Step> = fc.oneof(
	fc.record({ do: fc.constant("beat" as const), id, idle: fc.boolean(), wait }),
	fc.record({
		do: fc.constant("choose" as const),
		id,
		status: fc.constantFrom<Status>("dnd", "online", "away", "offline"),
		wait,
	}),
	fc.record({ do: fc.constant("close" as const), id, wait }),
	fc.record({ do: fc.constant("sweep" as const), wait }),
);

/** The same in the words of the contract: connections, their last sign of life, and a last one's last seconds. */
class Model {
	connections = new Map<string, { seen: number; idle: boolean; chosen: Status | null }>();
	last: { until: number; status: Status } | null = null;

	forget(now: number) {
		for (const [id, { seen }] of this.connections) if (seen + TTL <= now) this.connections.delete(id);
	}
	statusOf(id: string): Status {
		const connection = this.connections.get(id);
		if (!connection) return "offline";
		if (connection.chosen && connection.chosen !== "online") return connection.chosen;
		return connection.idle ? "away" : "online";
	}
	status(now: number): Status {
		const live = [...this.connections].filter(([, { seen }]) => seen + TTL > now).map(([id]) => id);
		if (live.length === 0) return this.last && this.last.until > now ? this.last.status : "offline";
		const all = live.map(id => this.statusOf(id));
		return (["dnd", "online", "away"] as const).find(status => all.includes(status)) ?? "offline";
	}
	apply(step: Step, now: number) {
		// A sign of life that comes late, but before anyone was told, goes on from what was chosen.
		const chosen = ("id" in step && this.connections.get(step.id)?.chosen) || null;
		this.forget(now);
		if (step.do === "beat" || step.do === "choose") {
			this.connections.set(
				step.id,
				step.do === "beat"
					? { seen: now, idle: step.idle, chosen }
					: { seen: now, idle: false, chosen: step.status },
			);
			this.last = null;
		} else if (step.do === "close" && this.connections.has(step.id)) {
			const status = this.statusOf(step.id);
			const until = Math.min(now + LINGER_MS, (this.connections.get(step.id)?.seen ?? 0) + TTL);
			this.connections.delete(step.id);
			if (this.connections.size === 0) this.last = { until, status };
		}
	}
}

const RUNS = 400;

test("I20: a user with several devices is offline only when the last goes, in any order of connect, close and crash", async () => {
	await fc.assert(
		fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40 }), async steps => {
			let now = T0;
			const store = memoryStore(() => now);
			const model = new Model();
			let told: Status = "offline";
			for (const step of steps) {
				now += step.wait;
				if (step.do === "sweep") for (const userId of await store.due(10)) await tell(userId, user => user);
				else await tell("u", editOf(step));
				model.apply(step, now);
				const [read] = await store.readMany(["u"]);
				expect(read?.told.status).toBe(model.status(now));
				if (step.do === "sweep") expect(told).toBe(model.status(now));
			}

			async function tell(userId: string, edit: Parameters<typeof store.update>[1]) {
				const changed = await store.update(userId, edit);
				expect(changed.before.told.status).toBe(told);
				if (isTransition(changed)) expect(changed.after.told.status).not.toBe(told);
				told = changed.after.told.status;
			}
		}),
		{ numRuns: RUNS },
	);
	figure("I20", `${RUNS} orders of connect, close and crash as the model says`);
});

function editOf(step: Step) {
	if (step.do === "beat") return lease(step.id, { idle: step.idle });
	if (step.do === "choose") return lease(step.id, { idle: false, chosen: step.status });
	return step.do === "close" ? withoutLease(step.id) : (user: UserRecord) => user;
}
