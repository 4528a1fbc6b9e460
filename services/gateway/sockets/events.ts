/** Which broker events the sockets react to. Each is a hint: what is lost is found in the database. */
import type { Context } from "moleculer";
import type { Events } from "../../../contracts/events.ts";
import type { SocketDoor } from "./index.ts";

export const HEARD = [
	"log.batch",
	"log.beat",
	"receipts.moved",
	"inbox.moved",
	"thread.grew",
	"typing.moved",
	"presence.changed",
	"sessions.ended",
	"user.changed",
] as const satisfies (keyof Events)[];

export type Heard = (typeof HEARD)[number];

/** For the `events` of the service that keeps the door as `this.sockets`. */
export const socketEvents = {
	...Object.fromEntries(
		HEARD.map(name => [
			name,
			function hear(this: { sockets: SocketDoor }, ctx: Context<Events[typeof name]>) {
				this.sockets.hear(name, ctx.params);
			},
		]),
	),
	"$node.disconnected"(this: { sockets: SocketDoor }) {
		this.sockets.nodeLost();
	},
};
