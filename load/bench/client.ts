/** A Socket.IO client that does no more than a benchmark needs: raw websocket, one namespace, no reconnecting. */
import WebSocket from "ws";

export interface Delivered {
	chatId: string;
	seq: number;
	content: string;
}

type Ack = (answer: { status: string; code?: string; message?: Delivered }) => void;

export class BenchClient {
	readonly #socket: WebSocket;
	readonly #acks = new Map<number, Ack>();
	#nextAck = 0;
	onMessage: (message: Delivered) => void = () => {};

	private constructor(socket: WebSocket) {
		this.#socket = socket;
		socket.on("message", data => this.#receive(String(data)));
	}

	static connect(url: string, token: string): Promise<BenchClient> {
		const socket = new WebSocket(`${url.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`, {
			perMessageDeflate: false,
		});
		return new Promise((resolve, reject) => {
			socket.once("error", reject);
			const greet = (data: WebSocket.RawData) => {
				const packet = String(data);
				if (packet.startsWith("0")) socket.send(`40${JSON.stringify({ token })}`);
				else if (packet.startsWith("40")) {
					socket.off("message", greet);
					resolve(new BenchClient(socket));
				} else if (packet.startsWith("44")) reject(new Error(`The server refused the connection: ${packet}`));
			};
			socket.on("message", greet);
		});
	}

	/** Sends a message; `acknowledged` hears the answer. */
	send(chatId: string, content: string, acknowledged: Ack): void {
		const id = this.#nextAck++;
		this.#acks.set(id, acknowledged);
		this.#socket.send(`42${id}${JSON.stringify(["message", { chatId, content }])}`);
	}

	/** Messages that were sent and not yet answered. */
	get pending(): number {
		return this.#acks.size;
	}

	close(): void {
		this.#socket.terminate();
	}

	#receive(packet: string): void {
		if (packet === "2") return void this.#socket.send("3");
		if (packet.startsWith("42[")) {
			const [name, payload] = JSON.parse(packet.slice(2)) as [string, Delivered];
			if (name === "message") this.onMessage(payload);
			return;
		}
		if (!packet.startsWith("43")) return;
		const body = packet.indexOf("[");
		const id = Number(packet.slice(2, body));
		const acknowledge = this.#acks.get(id);
		this.#acks.delete(id);
		acknowledge?.((JSON.parse(packet.slice(body)) as [Parameters<Ack>[0]])[0]);
	}
}
