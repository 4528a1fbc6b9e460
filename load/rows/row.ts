/** What every row of the runner is: one figure of a server beside the floor that it has to reach. */

import type { Servers } from "../../test/support/servers.ts";

export interface Ground {
	servers: Servers;
	/** What Parley is started with, beside what turns everything on. */
	env: Record<string, string>;
}

export interface Row {
	/** One word. */
	name: string;
	/** What the figure is, for who reads the table. */
	what: string;
	unit: string;
	/** Which figures are good ones. */
	better: "less" | "more";
	/** What has to be reached, and what should be. */
	floor: number;
	aim: number;
	/** Takes 90 s at most. */
	measure(ground: Ground, progress: (share: number) => void): Promise<Figures>;
}

export interface Figures {
	/** In the row's unit. */
	figure: number;
	/** What else was measured: it says its unit in its name. */
	details: Record<string, number | string>;
	/** Promises that were broken meanwhile; a figure that was reached so does not count. */
	wrong: string[];
}

export const isReached = ({ better }: Row, figure: number, bound: number): boolean =>
	better === "less" ? figure <= bound : figure >= bound;

export const pause = (ms: number): Promise<void> => new Promise(done => setTimeout(done, ms));
