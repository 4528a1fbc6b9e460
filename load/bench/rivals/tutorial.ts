/** What tutorials build: Socket.IO, an INSERT for each message and a counter for each member, then the emit. */
import { createServer } from "node:http";
import pg from "pg";
import { Server } from "socket.io";

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 });
await pool.query(`DROP TABLE IF EXISTS tutorial_messages, tutorial_members`);
await pool.query(`CREATE TABLE tutorial_messages (
	id bigserial PRIMARY KEY, room text NOT NULL, sender text NOT NULL, content text NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now())`);
await pool.query(`CREATE INDEX ON tutorial_messages (room, id)`);
await pool.query(`CREATE TABLE tutorial_members (
	room text, member text, unread int NOT NULL DEFAULT 0, PRIMARY KEY (room, member))`);

const http = createServer();
const io = new Server(http, { transports: ["websocket"], serveClient: false });
io.use((socket, next) => {
	const { room, member } = socket.handshake.auth as { room: string; member: string };
	pool
		.query(`INSERT INTO tutorial_members (room, member) VALUES ($1, $2) ON CONFLICT DO NOTHING`, [
			room,
			member,
		])
		.then(() => next(), next);
});
io.on("connection", socket => {
	const { room, member } = socket.handshake.auth as { room: string; member: string };
	void socket.join(room);
	socket.on("message", async ({ content }: { content: string }, acknowledge: (answer: unknown) => void) => {
		try {
			const { rows } = await pool.query(
				`INSERT INTO tutorial_messages (room, sender, content) VALUES ($1, $2, $3) RETURNING id, created_at`,
				[room, member, content],
			);
			await pool.query(`UPDATE tutorial_members SET unread = unread + 1 WHERE room = $1 AND member <> $2`, [
				room,
				member,
			]);
			io.to(room).emit("message", { ...rows[0], room, sender: member, content });
			acknowledge({ status: "ok" });
		} catch (err) {
			acknowledge({ status: "error", message: (err as Error).message });
		}
	});
});
http.listen(0, "127.0.0.1", () => {
	console.log(`http://127.0.0.1:${(http.address() as { port: number }).port}`);
});
