/** A client that comes in on a raw line: the websocket, then Socket.IO's packet that says who they are. */
import { Line, type OnText } from "./line.ts";

export const SOCKET_IO_PATH = "/socket.io/?EIO=4&transport=websocket";

/** Whoever has no answer after that has been forgotten. */
const ANSWER_MS = 30_000;

/** The packet that signs in, with what the client says of themselves. */
export const helloWith = (auth: object): string => `40${JSON.stringify(auth)}`;

/** The packet that sends a message. @param ackId of the answer that is asked for; null where none comes */
export const messageWith = (ackId: number | null, message: object): string =>
	`42${ackId ?? ""}${JSON.stringify(["message", message])}`;

/**
 * Resolves once the server hears the client.
 * @param onText what is called from then on
 * @throws where the server refuses, or does not answer
 */
export function signIn(port: number, hello: string, onText: OnText, path = SOCKET_IO_PATH): Promise<Line> {
	return new Promise((resolve, reject) => {
		const late = setTimeout(() => reject(new Error("no answer to a sign-in")), ANSWER_MS).unref();
		const greet: OnText = (bytes, start, end, line) => {
			const text = bytes.toString("latin1", start, end);
			if (text.startsWith("0")) line.send(hello);
			else if (text.startsWith("40")) {
				clearTimeout(late);
				line.onText = onText;
				resolve(line);
			} else if (text.startsWith("44")) reject(new Error(`The server refuses: ${text}`));
		};
		Line.open(port, path, greet).catch(reject);
	});
}
