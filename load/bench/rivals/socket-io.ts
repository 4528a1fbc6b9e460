/** Bare Socket.IO: each message is emitted to its room by itself, nothing is stored, nobody is asked who they are. */
import { createServer } from "node:http";
import { Server } from "socket.io";

const http = createServer();
const io = new Server(http, { transports: ["websocket"], serveClient: false });
io.on("connection", socket => {
	const { rooms } = socket.handshake.auth as { rooms: string[] };
	void socket.join(rooms);
	socket.on("message", ({ room, content }: { room: string; content: string }) => {
		io.to(room).emit("message", { chatId: room, content });
	});
});
http.listen(0, "127.0.0.1", () => {
	console.log(`http://127.0.0.1:${(http.address() as { port: number }).port}`);
});
