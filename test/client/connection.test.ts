import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { hangUp, linkTo, onlineLink, sleep, switchedNetwork } from "../support/links.ts";
import { goHome, ok, type Person, person, urls } from "../support/people.ts";
import { proxy, type TcpProxy } from "../support/proxy.ts";
import { eventually } from "../support/stage.ts";
import { endingIn } from "../support/tokens.ts";

const [url = ""] = urls();
let ann: Person;
let wire: TcpProxy;

beforeAll(async () => {
	ann = await person("ann");
});

beforeEach(async () => {
	wire = await proxy(url);
});

afterEach(async () => {
	hangUp();
	goHome();
	await wire.close();
});

afterAll(hangUp);

test("a server that goes away is resuming, then reconnecting, then unreachable, and online again when it is back", async () => {
	// So long after the grace that no stall skips what is between.
	const times = { unreachableMs: 8_000 };
	const { statuses, reaches } = await onlineLink(wire.url, ann.token, { times });
	await wire.refuse();
	await reaches("unreachable");
	await wire.pass();
	await reaches("online");
	expect(statuses).toEqual([
		"idle",
		"connecting",
		"online",
		"resuming",
		"reconnecting",
		"unreachable",
		"online",
	]);
});

test("a short break shows as nothing but resuming", async () => {
	const { statuses, reaches, sockets } = await onlineLink(wire.url, ann.token, {
		times: { graceMs: 20_000 },
	});
	wire.cut();
	await reaches("resuming");
	await reaches("online");
	expect(statuses).toEqual(["idle", "connecting", "online", "resuming", "online"]);
	expect(sockets()).toBe(2);
});

test("a device without a network is offline, not unreachable, and back at once when there is one", async () => {
	const device = switchedNetwork();
	const times = { retryMaxMs: 600_000 };
	const { statuses, reaches } = await onlineLink(wire.url, ann.token, { times, platform: device });
	await wire.refuse();
	device.turn(false);
	await reaches("offline");
	await sleep(4_000);
	expect(statuses.slice(2)).not.toContain("unreachable");
	await wire.pass();
	device.turn(true);
	await reaches("online");
});

test("a device that is wrong about its network is online all the same", async () => {
	const device = switchedNetwork();
	const { link, statuses, reaches } = await onlineLink(url, ann.token, { platform: device });
	device.turn(false);
	await reaches("online");
	expect(statuses).toEqual(["idle", "connecting", "online", "offline", "online"]);
	link.disconnect();
	expect(device.listeners.size).toBe(0);
});

test("a server that was never there is connecting, then unreachable", async () => {
	await wire.refuse();
	const { link, statuses, errors, reaches } = linkTo(wire.url, ann.token);
	link.connect();
	await reaches("unreachable");
	expect(statuses).toEqual(["idle", "connecting", "unreachable"]);
	expect(errors[0]).toMatchObject({ code: "UNAVAILABLE", retryable: true });
});

test("a connection that swallows everything is noticed by its heartbeat and replaced", async () => {
	const times = { heartbeatMs: 300, ackMs: 1_500 };
	const { reaches, sockets } = await onlineLink(wire.url, ann.token, { times });
	wire.blackhole();
	await reaches("resuming");
	await wire.pass();
	wire.cut();
	await reaches("online");
	expect(sockets()).toBeGreaterThan(1);
});

test("a device that wakes up looks at once whether its connection lives", async () => {
	const device = switchedNetwork();
	const times = { heartbeatMs: 600_000 };
	const { reaches } = await onlineLink(wire.url, ann.token, { times, platform: device });
	wire.blackhole();
	device.turn(true);
	await reaches("resuming");
});

test("a token that runs out while connected is not noticed", async () => {
	let asked = 0;
	const token = () => endingIn(ann, ++asked === 1 ? 6 : 900);
	const { link, statuses, sockets } = await onlineLink(url, token);
	await sleep(8_000);
	await link.call("heartbeat", {});
	expect(statuses).toEqual(["idle", "connecting", "online"]);
	expect([sockets(), asked]).toEqual([1, 2]);
});

test("a token that runs out while the application has no other one yet is asked for until it has", async () => {
	const first = endingIn(ann, 6);
	let asked = 0;
	const token = () => {
		asked++;
		if (asked === 2) throw new Error("The application's server is away.");
		return asked <= 3 ? first : endingIn(ann, 900);
	};
	const { link, reaches, statuses } = await onlineLink(url, token);
	await sleep(8_000);
	await reaches("online");
	await link.call("heartbeat", {});
	expect(statuses).not.toContain("signed-out");
});

test("who has but one token is signed out when it has run out", async () => {
	const { link, statuses, reaches } = await onlineLink(url, endingIn(ann, 6));
	await reaches("signed-out");
	expect(statuses).toEqual(["idle", "connecting", "online", "resuming", "signed-out"]);
	expect(link.state.get().error?.code).toBe("TOKEN_EXPIRED");
});

test("a token that is refused is told to who gives them, and one more is tried at once", async () => {
	const asked: (string | undefined)[] = [];
	const stale = endingIn(ann, -5);
	const { link, sockets } = await onlineLink(url, refused => {
		asked.push(refused);
		return refused ? ann.token : stale;
	});
	expect(asked).toEqual([undefined, stale]);
	expect(sockets()).toBe(1);
	expect(link.state.get()).toEqual({ status: "online", retryAt: null, error: null });
});

test("two tokens that nobody knows sign out, and connect() begins anew", async () => {
	let isReady = false;
	let asked = 0;
	const { link, reaches } = linkTo(url, () => (++asked && isReady ? ann.token : "nonsense"));
	link.connect();
	await reaches("signed-out");
	expect(asked).toBe(2);
	expect(link.state.get().error?.code).toBe("UNAUTHENTICATED");
	isReady = true;
	link.connect();
	await reaches("online");
});

test("a token that cannot be had now is asked for again", async () => {
	let asked = 0;
	const { errors } = await onlineLink(url, async () => {
		if (++asked < 3) throw new TypeError("fetch failed");
		return ann.token;
	});
	expect(asked).toBe(3);
	expect(errors[0]).toMatchObject({ code: "UNAVAILABLE", message: "fetch failed" });
});

test("a session that is ended elsewhere signs out", async () => {
	const other = await ann.signIn();
	const { reaches } = await onlineLink(url, () => other.token);
	ok(await other.rest.post("/auth/logout", {}));
	await reaches("signed-out");
});

test("heartbeats tell the heads of chats that have changed, and whether the device is left alone", async () => {
	const ben = await person("ben");
	const chat = await ann.group(ben);
	let isIdle = false;
	const platform = { isIdle: () => isIdle };
	const { link } = await onlineLink(url, ben.token, { platform, times: { heartbeatMs: 300 } });
	const heads: Record<string, number>[] = [];
	link.onHeads(head => heads.push(head));
	const { rev } = await ann.say(chat.id, "hello");
	const told = await eventually(
		() => Object.assign({}, ...heads) as Record<string, number>,
		all => all[chat.id] === rev,
	);
	expect(told[chat.id]).toBe(rev);
	isIdle = true;
	const seen = () => ann.rest.get(`/presence/${ben.id}`).then(({ body }) => body.status);
	expect(await eventually(seen, status => status === "away")).toBe("away");
});

test("disconnect() ends it, and what is under way comes to nothing", async () => {
	const { link, statuses, sockets } = linkTo(url, ann.token);
	link.connect();
	link.disconnect();
	await sleep(500);
	expect(statuses).toEqual(["idle", "connecting", "idle"]);
	expect(sockets()).toBe(0);
	await expect(link.call("heartbeat", {})).rejects.toMatchObject({ code: "UNAVAILABLE" });
});
