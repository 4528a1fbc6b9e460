/** Bare Socket.IO: each message is emitted to its room by itself, nothing is stored, nobody is asked who they are. */
import { createServer } from "node:http";
import { Server } from "socket.io";

const http = createServer();
const io = new Server(http, { transports: ["websocket"], serveClient: false });
io.on("connection", socket => {
	const { room } = socket.handshake.auth as { room: string };
	void socket.join(room);
	socket.on("message", ({ content }: { content: string }) => {
		io.to(room).emit("message", { chatId: room, content });
	});
});
http.listen(0, "127.0.0.1", () => {
	console.log(`http://127.0.0.1:${(http.address() as { port: number }).port}`);
});
