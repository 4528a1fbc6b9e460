import path from "node:path";

export type Form = "embedded" | "cluster";

/**
 * Lanes run beside each other, so that the cores have work where one lane waits; `alone` is after them. The groups of
 * one lane run one after the other.
 */
export type Lane = "servers" | "no servers" | "alone";

/** One run of Jest. */
export interface Group {
	name: string;
	/** Groups that share PostgreSQL, Redis and Kafka are in one lane, and do not disturb each other. */
	lane: Lane;
	/** Words that `npm test -- <folder>` takes as "all of this folder". */
	folders: readonly string[];
	form?: Form;
	/** Real PostgreSQL, Redis and Kafka, one of each for all files of the group. */
	servers: boolean;
	workers: number;
	/** A process for each file: slower, and nothing is left over from the file before. */
	freshProcess: boolean;
	testMs: number;
	fileMs: number;
	/** Needs the web client as it is now. */
	buildsWeb?: true;
	/** Some of its tests look at pages in Chromium. */
	browser?: true;
	/** Of its folders only these files. */
	only?: RegExp;
}

const SECONDS = 1_000;

/** In each lane in this order. */
export const GROUPS: readonly Group[] = [
	{
		// Each starts its own nodes and servers, and mostly waits. First in its lane, so that much runs beside it.
		name: "faults",
		lane: "servers",
		folders: ["faults"],
		only: /^(?!.*\/(lost-events|presence|web-unnoticed)\.test\.ts$)/,
		servers: false,
		workers: 2,
		freshProcess: true,
		testMs: 180 * SECONDS,
		fileMs: 600 * SECONDS,
		buildsWeb: true,
		browser: true,
	},
	{
		name: "without servers",
		lane: "no servers",
		folders: ["unit", "docs"],
		servers: false,
		workers: 2,
		browser: true,
		freshProcess: false,
		testMs: 30 * SECONDS,
		fileMs: 300 * SECONDS,
	},
	{
		name: "behaviour, embedded",
		lane: "no servers",
		folders: ["behaviour"],
		form: "embedded",
		servers: false,
		workers: 2,
		freshProcess: true,
		testMs: 30 * SECONDS,
		fileMs: 300 * SECONDS,
	},
	{
		// The client is the same for both forms, so it is tried on the one that starts fast.
		name: "client",
		lane: "no servers",
		folders: ["client", "react"],
		form: "embedded",
		servers: false,
		workers: 2,
		browser: true,
		freshProcess: true,
		testMs: 150 * SECONDS,
		// `PARLEY_RUNS` asks the property test for more than its share.
		fileMs: Math.max(480, 4 * Number(process.env.PARLEY_RUNS ?? 0)) * SECONDS,
	},
	{
		name: "with servers",
		lane: "servers",
		folders: ["database", "deploy", "examples", "service", "threats"],
		only: /^(?!.*\/two-installations\.test\.ts$)/,
		servers: true,
		workers: 2,
		browser: true,
		freshProcess: true,
		testMs: 30 * SECONDS,
		fileMs: 300 * SECONDS,
	},
	{
		name: "behaviour, cluster",
		lane: "servers",
		folders: ["behaviour"],
		form: "cluster",
		servers: true,
		workers: 2,
		freshProcess: true,
		testMs: 30 * SECONDS,
		fileMs: 300 * SECONDS,
	},
	{
		name: "web, embedded",
		lane: "no servers",
		folders: ["web"],
		form: "embedded",
		servers: false,
		workers: 2,
		browser: true,
		freshProcess: true,
		testMs: 120 * SECONDS,
		fileMs: 420 * SECONDS,
		buildsWeb: true,
	},
	{
		// As the faults, and what of them would make that lane the longer one.
		name: "links, and some faults",
		lane: "no servers",
		folders: ["faults", "links"],
		only: /\/(links\/.*|lost-events\.test\.ts|presence\.test\.ts|web-unnoticed\.test\.ts)$/,
		servers: false,
		workers: 2,
		freshProcess: true,
		testMs: 180 * SECONDS,
		fileMs: 600 * SECONDS,
		buildsWeb: true,
		browser: true,
	},
	{
		// What two people do with each other; the page itself is the same whatever serves it.
		name: "web, cluster",
		lane: "servers",
		only: /\/(accounts|chats|offline|same-counts|talking)\.test\.ts$/,
		folders: ["web"],
		form: "cluster",
		servers: true,
		workers: 2,
		browser: true,
		freshProcess: true,
		testMs: 120 * SECONDS,
		fileMs: 420 * SECONDS,
		buildsWeb: true,
	},
	{
		// Last in its lane: it looks at what all installations before it have left.
		name: "installations",
		lane: "servers",
		only: /\/two-installations\.test\.ts$/,
		folders: ["threats"],
		servers: true,
		workers: 1,
		freshProcess: true,
		testMs: 120 * SECONDS,
		fileMs: 300 * SECONDS,
	},
	{
		// It measures, so it is alone; the servers of the other groups have nothing left to do.
		name: "bench",
		lane: "alone",
		folders: ["bench"],
		servers: false,
		workers: 1,
		freshProcess: true,
		// A minute, where nobody else is at work.
		testMs: 480 * SECONDS,
		fileMs: 540 * SECONDS,
	},
];

const FOLDERS = new Set(["types", ...GROUPS.flatMap(group => group.folders)]);

/** Whether `file` is meant by any of the words; none means all. A folder's name means that folder only. */
export function isWanted(file: string, words: readonly string[]): boolean {
	if (words.length === 0) return true;
	return words.some(word => (FOLDERS.has(word) ? folderOf(file) === word : file.includes(word)));
}

/** Which files run in which group. A folder that no group knows runs with servers, which suits all. */
export function plan(files: readonly string[], only?: Form): { group: Group; files: string[] }[] {
	const groups = GROUPS.filter(group => !only || !group.form || group.form === only);
	return groups
		.map(group => ({ group, files: files.filter(file => belongs(file, group)) }))
		.filter(run => run.files.length > 0);
}

function belongs(file: string, group: Group): boolean {
	const folder = folderOf(file);
	if (group.only && !group.only.test(file)) return false;
	return FOLDERS.has(folder) ? group.folders.includes(folder) : group.name === "with servers";
}

/** `test/unit/a/b.test.ts` → `unit`. */
function folderOf(file: string): string {
	return path.normalize(file).split(path.sep)[1] ?? "";
}
