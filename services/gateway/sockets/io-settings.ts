/**
 * moleculer-io with all of its own doors shut. It makes the Socket.IO server on moleculer-web's HTTP server, asks who
 * may connect, and registers our handlers; its `call` event, its actions (`broadcast` reaches every browser) and what
 * it lets services write back to a socket are not there.
 */
import type { IncomingMessage } from "node:http";
import type { ServiceSchema } from "moleculer";
import MoleculerIO from "moleculer-io";
import type { Server, ServerOptions, Socket } from "socket.io";
import { LIMITS } from "../../../contracts/limits.ts";
import { socketFailure, wireError } from "../wire-error.ts";
import { BOUNDS } from "./bounds.ts";
import { CALLS } from "./calls.ts";
import type { SocketDoor } from "./index.ts";

export const SOCKET_PATH = "/socket.io";

/** The service that uses the mixin keeps the door here. */
export interface SocketVars {
	sockets: SocketDoor;
	io: Server;
}

/** @param allows whether a request may come from where it says that it comes from */
export function ioOptions(allows: (req: IncomingMessage) => boolean): Partial<ServerOptions> {
	return {
		path: SOCKET_PATH,
		serveClient: false,
		transports: ["polling", "websocket"],
		maxHttpBufferSize: LIMITS.bodyBytesMax,
		perMessageDeflate: false,
		httpCompression: false,
		pingInterval: BOUNDS.pingEveryMs,
		pingTimeout: BOUNDS.pongWithinMs,
		connectTimeout: BOUNDS.signInWithinMs,
		allowRequest: (req, answer) => {
			const allowed = allows(req);
			answer(allowed ? null : "This origin may not connect.", allowed);
		},
	};
}

type Handler = (this: Socket & { $service: SocketVars }, ...args: unknown[]) => void;

const handlers: Record<string, Handler> = Object.fromEntries(
	[...CALLS].map(([name, contract]): [string, Handler] => [
		name,
		function receive(...args) {
			this.$service.sockets.receive(this, contract, args);
		},
	]),
);

/** The mixin. Its own settings and actions are left out, not overridden: merging would bring them back. */
export function closedSocketIO(allows: (req: IncomingMessage) => boolean): Partial<ServiceSchema> {
	const upstream = MoleculerIO as unknown as ServiceSchema;
	return {
		name: "io",
		settings: {
			io: { options: ioOptions(allows), namespaces: { "/": { authorization: true, events: handlers } } },
		},
		methods: {
			...upstream.methods,
			/** Throws what refuses; returns nothing, since the caller is kept with our own connection. */
			async socketAuthorize(this: SocketVars, socket: Socket) {
				await this.sockets.admit(socket);
			},
			socketOnError(err: unknown, respond: (failure: object) => void) {
				respond(socketFailure(wireError(err)));
			},
			socketGetMeta: () => ({}),
			socketSaveMeta: () => {},
			socketSaveUser: () => {},
			socketJoinRooms: () => {},
			socketLeaveRoom: () => {},
		},
		created: upstream.created,
		started: upstream.started,
		stopped: upstream.stopped,
	} as Partial<ServiceSchema>;
}
