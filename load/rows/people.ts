/** Users who are each in 20 chats of 20, and how they come in. */
import { enter, type Place, type Scenario, type Stand } from "../bench/targets.ts";
import type { Line } from "../stage/line.ts";
import { inTurns } from "../stage/turns.ts";

const PING = "2".charCodeAt(0);

export const PEOPLE: Scenario = { name: "people", rooms: 5_000, members: 20, roomsEach: 20 };
export const PEOPLE_COUNT = 5_000;

/** Signs people in, some at a time: they only answer the server's pings. @param to one beyond the last */
export async function comeIn(
	stand: Stand,
	{ from, to, atOnce }: { from: number; to: number; atOnce: number },
	progress: (share: number) => void = () => {},
): Promise<Line[]> {
	const lines: Line[] = [];
	const who = Array.from({ length: to - from }, (_, i) => from + i);
	const answerPing = (bytes: Buffer, start: number, _end: number, line: Line) => {
		if (bytes[start] === PING) line.send("3");
	};
	await inTurns(
		who,
		async client => {
			lines.push(await enter(stand, placeOf(client), answerPing));
		},
		atOnce,
		progress,
	);
	return lines;
}

const placeOf = (client: number): Place => ({
	room: Math.floor(client / PEOPLE.members),
	member: client % PEOPLE.members,
});
