/** Rooms and pairs: who is in which chat, and the run itself. */
import { BenchClient } from "./client.ts";
import { type Result, Tally } from "./tally.ts";

export interface Scenario {
	name: string;
	rooms: number;
	/** Members of each room; 2 is a direct chat. */
	members: number;
}

export interface Crowd {
	scenario: Scenario;
	clients: BenchClient[];
	/** Chat ids; the clients of room r are `r * members` and those after it. */
	chats: string[];
}

const SETTLE_MS = 3_000;
const PAYLOAD_BYTES = 128;

/** Registers people, makes their chats, connects them. */
export async function gather(
	url: string,
	scenario: Scenario,
	progress: (done: number, of: number) => void,
): Promise<Crowd> {
	const { rooms, members } = scenario;
	const total = rooms * members;
	const people: { id: string; token: string }[] = [];
	const stamp = Date.now().toString(36);
	while (people.length < total) {
		const batch = Array.from({ length: Math.min(8, total - people.length) }, (_, i) => people.length + i);
		people.push(...(await Promise.all(batch.map(i => register(url, `b${stamp}.${i}`)))));
		progress(people.length, total);
	}
	const chats: string[] = [];
	for (let r = 0; r < rooms; r++) {
		const [owner, ...others] = people.slice(r * members, (r + 1) * members);
		const body = { type: members === 2 ? "direct" : "group", participantIds: others.map(({ id }) => id) };
		const chat = await post(
			url,
			"/chats",
			members === 2 ? body : { ...body, name: `room ${r}` },
			owner?.token,
		);
		chats.push(chat.id as string);
	}
	const clients: BenchClient[] = [];
	for (const { token } of people) clients.push(await BenchClient.connect(url, token));
	return { scenario, clients, chats };
}

/**
 * Sends at `rate` messages a second (all rooms together) for `seconds`, then waits for what is under way.
 * Open loop: the rate does not wait for answers, but no more than `inFlightMax` sends are under way.
 */
export async function run(
	crowd: Crowd,
	rate: number,
	seconds: number,
	progress: (share: number) => void,
): Promise<Result> {
	const { clients, chats, scenario } = crowd;
	const tally = new Tally(clients.length);
	clients.forEach((client, i) => {
		client.onMessage = message => tally.heard(i, message);
	});
	const inFlightMax = 20_000;
	const startedAt = performance.now();
	let due = 0;
	let turn = 0;
	await new Promise<void>(resolve => {
		const timer = setInterval(() => {
			const elapsed = (performance.now() - startedAt) / 1_000;
			progress(Math.min(1, elapsed / seconds));
			if (elapsed >= seconds) {
				clearInterval(timer);
				resolve();
				return;
			}
			for (due = Math.floor(elapsed * rate); turn < due; turn++) {
				if (tally.inFlight >= inFlightMax) return;
				const room = turn % chats.length;
				const sender = room * scenario.members + (Math.floor(turn / chats.length) % scenario.members);
				tally.sent();
				const content = `${performance.now().toFixed(3)} `.padEnd(PAYLOAD_BYTES, "x");
				clients[sender]?.send(chats[room] as string, content, answer =>
					tally.answered(answer.status === "ok"),
				);
			}
		}, 1);
	});
	const deadline = performance.now() + SETTLE_MS;
	while (performance.now() < deadline && !settled(tally, scenario.members))
		await new Promise(done => setTimeout(done, 20));
	return tally.result(scenario.members);
}

const settled = (tally: Tally, audience: number) =>
	tally.inFlight === 0 && tally.deliveredSoFar >= tally.acknowledgedSoFar * audience;

async function register(url: string, username: string) {
	const { user, accessToken } = (await post(url, "/auth/register", {
		username,
		email: `${username}@bench.example`,
		password: "a long enough one",
	})) as { user: { id: string }; accessToken: string };
	return { id: user.id, token: accessToken };
}

async function post(
	url: string,
	path: string,
	body: unknown,
	token?: string,
): Promise<Record<string, unknown>> {
	const answer = await fetch(`${url}/api${path}`, {
		method: "POST",
		headers: { "content-type": "application/json", ...(token ? { authorization: `Bearer ${token}` } : {}) },
		body: JSON.stringify(body),
	});
	if (!answer.ok) throw new Error(`POST ${path} answered ${answer.status}: ${await answer.text()}`);
	return (await answer.json()) as Record<string, unknown>;
}
