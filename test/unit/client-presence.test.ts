import { expect, test } from "@jest/globals";
import type { Presence } from "../../client/api.ts";
import type { Link } from "../../client/parts.ts";
import { Presences } from "../../client/people/presence.ts";
import { Store } from "../../client/readable.ts";

const BEN = "01a1fe91-3572-7397-93c2-7b8e9557b18b";
const ben = (status: Presence["status"]): Presence => ({ userId: BEN, status, text: null, lastSeenAt: null });
const turn = () => new Promise(done => setTimeout(done, 1));

/** A connection whose other end is the test. */
class Line {
	tell: (presence: Presence) => void = () => {};
	answer: (ack: { users: Presence[] }) => void = () => {};
	readonly state = new Store({ status: "online", retryAt: null, error: null });

	on(event: string, listener: (presence: Presence) => void) {
		if (event === "user:status") this.tell = listener;
	}

	onSocket() {}

	call() {
		return new Promise(done => {
			this.answer = done;
		});
	}
}

test("who comes while one asks for them stays there, though the answer was read before", async () => {
	const line = new Line();
	const presence = new Presences(line as unknown as Link).presence(BEN);
	presence.subscribe(() => {});
	await turn();
	line.tell(ben("online"));
	line.answer({ users: [ben("offline")] });
	await turn();
	expect(presence.get().status).toBe("online");
});
