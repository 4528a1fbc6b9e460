/** No SDK: what socket.io-client alone does, with a token from POST /api/auth/login. `TOKEN=… CHAT=… node examples/socket.mjs` */
import { io } from "socket.io-client";

const { PARLEY_URL = "http://127.0.0.1:3000", TOKEN: token, CHAT: chatId } = process.env;
const socket = io(PARLEY_URL, { auth: { token } });
socket.on("connect_error", err => console.log("refused:", err.data?.code ?? err.message));
socket.on("message", ({ seq, content }) => console.log(`${seq}: ${content}`));
socket.on("connect", async () => {
	const { messages, rev } = await socket.emitWithAck("chat:join", { chatId });
	console.log(`${messages.length} messages, up to revision ${rev}`);
	const answer = await socket.emitWithAck("message", { chatId, content: "Hello by hand" });
	console.log("sent:", answer.status, answer.message?.seq ?? answer.code);
});
