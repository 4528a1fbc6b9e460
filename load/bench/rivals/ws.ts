/** Bare ws: a room is a set of sockets, each message goes to each by itself, nothing is stored. */
import { type WebSocket, WebSocketServer } from "ws";

const rooms = new Map<string, Set<WebSocket>>();
const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });
server.on("connection", (socket, { url = "" }) => {
	const room = new URL(url, "http://here").searchParams.get("room") ?? "";
	const members = rooms.get(room) ?? new Set();
	rooms.set(room, members.add(socket));
	socket.on("message", data => {
		const text = JSON.stringify({ room, ...JSON.parse(String(data)) });
		for (const member of members) member.send(text);
	});
	socket.on("close", () => members.delete(socket));
});
server.on("listening", () => console.log(`http://127.0.0.1:${(server.address() as { port: number }).port}`));
