/** Clients in a process of their own, so that they can be frozen: `node client-process.ts <url> <token>…` */
import { connect } from "./socket.ts";

const HEARTBEAT_MS = 20_000;

const [url = "", ...tokens] = process.argv.slice(2);
for (const token of tokens) {
	const socket = await connect(url, token);
	setInterval(() => void socket.emit("heartbeat", {}).catch(() => {}), HEARTBEAT_MS);
}
console.log("ready");
