import type { Socket } from "socket.io";
import { ackFrame } from "./frames.ts";
import type { Writer } from "./writer.ts";

/**
 * Lets a socket's acknowledgements leave the way that its events leave: in the order of telling, and in the same
 * write. Socket.IO makes the callback from the packet's id in a method that its types keep private; without it they
 * would leave the ordinary way, still in order, with one write more.
 */
export function keepAckOrder(socket: Socket, writer: Writer): void {
	(socket as unknown as { ack: (id: number) => (answer: object) => void }).ack = id => {
		let isSent = false;
		return answer => {
			if (isSent) return;
			isSent = true;
			writer.send(socket, ackFrame(id, answer));
		};
	};
}
