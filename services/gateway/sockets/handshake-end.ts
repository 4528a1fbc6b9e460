import type { Socket } from "socket.io";

type Handshake = Socket["handshake"];

/** In place of each socket's own. */
const OVER: Handshake = Object.freeze({
	headers: {},
	time: "",
	address: "",
	xdomain: false,
	secure: false,
	issued: 0,
	url: "",
	query: {},
	auth: {},
});

/**
 * Lets go of what only signing in needed: the request, its headers and the token, which Socket.IO would hold as long as
 * the socket lives.
 */
export function endHandshake(socket: Socket): void {
	(socket as { handshake: Handshake }).handshake = OVER;
	(socket.conn as { request: unknown }).request = null;
}
