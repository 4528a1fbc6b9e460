/**
 * moleculer-io with all of its own doors shut. It makes the Socket.IO server on moleculer-web's HTTP server, asks who
 * may connect, and nothing more: its `call` event, its actions (`broadcast` reaches every browser) and what
 * it lets services write back to a socket are not there.
 */
import type { Server as HttpServer } from "node:http";
import MoleculerIO from "moleculer-io";
import type { Server, ServerOptions, Socket } from "socket.io";
import { LIMITS } from "../../../contracts/limits.ts";
import { socketFailure, wireError } from "../wire-error.ts";
import { BOUNDS } from "./bounds.ts";
import { SOCKET_PATH } from "./gate.ts";
import type { SocketDoor } from "./index.ts";

/** What the service that uses the mixin has in its `Vars`. */
export interface SocketVars {
	sockets: SocketDoor;
	/** The HTTP server of both doors. */
	server: HttpServer;
	io: Server;
}

const OPTIONS: Partial<ServerOptions> = {
	path: SOCKET_PATH,
	// The gate answers upgrades beside the path.
	destroyUpgrade: false,
	serveClient: false,
	transports: ["polling", "websocket"],
	maxHttpBufferSize: LIMITS.bodyBytesMax,
	perMessageDeflate: false,
	httpCompression: false,
	pingInterval: BOUNDS.pingEveryMs,
	pingTimeout: BOUNDS.pongWithinMs,
	connectTimeout: BOUNDS.signInWithinMs,
};

type Upstream = { methods: { initSocketIO(server: HttpServer, options: object): void } } & Record<
	"created" | "started" | "stopped",
	() => unknown
>;

const upstream = MoleculerIO as unknown as Upstream;

/** The mixin. Upstream's settings and actions are left out, not overridden: merging would bring them back. */
export function closedSocketIO() {
	return {
		settings: {
			io: { namespaces: { "/": { authorization: true, events: {} } } },
			$secureSettings: ["io"],
		},
		methods: { ...upstream.methods, ...methods },
		created: upstream.created,
		started: upstream.started,
		stopped: upstream.stopped,
	};
}

const methods = {
	initSocketIO(this: SocketVars) {
		upstream.methods.initSocketIO.call(this, this.server, OPTIONS);
	},
	/** Throws what refuses; returns nothing, since we keep the caller with our own connection. */
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
};
