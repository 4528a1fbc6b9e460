/** A client that comes in: the websocket, then the packet that says who they are, where one is needed. */
import { Line, type OnText } from "../stage/line.ts";
import type { Place, Stand } from "./targets.ts";

/** Resolves once the server hears the client. @param onText what is called from then on */
export async function signIn(stand: Stand, place: Place, onText: OnText): Promise<Line> {
	const packet = stand.hello(place);
	return new Promise<Line>((resolve, reject) => {
		const greet: OnText = (bytes, start, end, line) => {
			const text = bytes.toString("latin1", start, end);
			if (text.startsWith("0")) line.send(packet as string);
			else if (text.startsWith("40")) {
				line.onText = onText;
				resolve(line);
			} else if (text.startsWith("44")) reject(new Error(`The server refuses: ${text}`));
		};
		const url = stand.urlOf?.(place) ?? stand.url;
		Line.open(Number(new URL(url).port), stand.path(place), packet === null ? onText : greet).then(line => {
			if (packet === null) resolve(line);
		}, reject);
	});
}
