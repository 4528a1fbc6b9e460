import { styleText } from "node:util";

const COLOURS = {
	trace: "gray",
	debug: "gray",
	info: "green",
	warn: "yellow",
	error: "red",
	fatal: "red",
} as const;

interface Line {
	time: string;
	level: keyof typeof COLOURS;
	mod?: string;
	msg?: string;
	err?: { message: string; stack?: string };
	[field: string]: unknown;
}

/** Turns pino's JSON into lines for people: `11:22:33 info  GATEWAY  text field=value`. */
export function prettyLines(out: NodeJS.WriteStream): { write(json: string): void } {
	const paint = (colour: (typeof COLOURS)[keyof typeof COLOURS], text: string) =>
		out.isTTY ? styleText(colour, text) : text;
	return {
		write(json: string) {
			const {
				time,
				level,
				mod = "",
				msg = "",
				err,
				nodeID: _,
				ns: __,
				svc: ___,
				ver: ____,
				...fields
			} = JSON.parse(json) as Line;
			const clock = time.slice(11, 19);
			const rest = Object.entries(fields).map(([name, value]) => ` ${name}=${JSON.stringify(value)}`);
			const trace = err ? `\n${err.stack ?? err.message}` : "";
			out.write(
				`${paint("gray", clock)} ${paint(COLOURS[level], level.padEnd(5))} ${mod.toUpperCase()}  ${msg}${rest.join("")}${trace}\n`,
			);
		},
	};
}
