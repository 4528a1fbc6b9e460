/**
 * `npm run seed`: a small team that has been using Parley for a while, to look at and to try things on. It goes through
 * the services, so that what it makes is what users could have made; a second run adds nothing twice.
 */
import "./node/harden.ts";
import { parseArgs } from "node:util";
import { progressBar } from "../load/print/progress.ts";
import { explain, StartFailure } from "./node/failure.ts";
import type { Bulk } from "./seed/bulk.ts";
import type { Doors } from "./seed/doors.ts";
import { PASSWORD, PEOPLE } from "./seed/people.ts";

const USAGE = `npm run seed -- [--url http://127.0.0.1:3000] [--users 1000] [--messages 100000]
  --url       through a running server of this machine; without it the database is opened, and no server may be
              running on the embedded one
  --users     so many more users, in one channel and in groups of twenty; 50 where only --messages is given
  --messages  so many messages of theirs`;

const USERS_BY_DEFAULT = 50;

try {
	await main();
} catch (err) {
	console.error(explain(err).replace("Parley cannot start", "The seed cannot run"));
	process.exitCode = 1;
}

async function main() {
	const values = readArguments();
	if (values.help) return console.log(USAGE);
	// Looked at before anything is read or opened.
	if (process.env.NODE_ENV === "production")
		throw new StartFailure(
			"it makes people whose password everybody knows; NODE_ENV=production is no place for them.",
		);
	const messages = numberOf("--messages", values.messages ?? "0");
	const users = numberOf("--users", values.users ?? String(messages > 0 ? USERS_BY_DEFAULT : 0));
	const doors = await open(values.url);
	try {
		console.log(`Seeding ${doors.where}.`);
		console.log(await seed(doors, { users, messages }));
	} finally {
		await doors.close();
	}
	console.log(
		`Sign in as ${Object.keys(PEOPLE).join(", ")}${users > 0 ? ", seed.00001, …" : ""}, all with the password ${PASSWORD}.`,
	);
}

function readArguments() {
	try {
		return parseArgs({
			options: {
				url: { type: "string" },
				users: { type: "string" },
				messages: { type: "string" },
				help: { type: "boolean", short: "h" },
			},
		}).values;
	} catch (err) {
		throw new StartFailure(`${(err as Error).message}\n${USAGE}`);
	}
}

async function seed(doors: Doors, { users, messages }: Bulk): Promise<string> {
	const { seedDemo } = await import("./seed/demo.ts");
	const { seedBulk } = await import("./seed/bulk.ts");
	const { Tally } = await import("./seed/tally.ts");
	const tally = new Tally();
	let bar = progressBar("the demo");
	await seedDemo(doors, tally, share => bar.at(share));
	bar.end();
	if (users > 0) {
		bar = progressBar(`${users} users, ${messages} messages`);
		const all = users + messages;
		await seedBulk(doors, tally, { users, messages }, (what, share) =>
			bar.at(what === "users" ? (share * users) / all : (users + share * messages) / all),
		);
		bar.end();
	}
	return tally.inWords();
}

async function open(url: string | undefined): Promise<Doors & { where: string }> {
	if (url !== undefined) {
		const { assertOwnMachine, openRest } = await import("./seed/doors.rest.ts");
		assertOwnMachine(url);
		return openRest(url);
	}
	process.env.CHAT_LOG_LEVEL ??= "error";
	const { openServices } = await import("./seed/doors.services.ts");
	return openServices(text => console.log(text)).catch(err => {
		if (!/uses the data folder/.test((err as Error).message)) throw err;
		throw new StartFailure(
			`${(err as Error).message} Or let the running one do it: npm run seed -- --url http://127.0.0.1:3000`,
		);
	});
}

function numberOf(option: string, text: string): number {
	const value = Number(text);
	if (!/^\d{1,8}$/.test(text)) throw new StartFailure(`${option} ${text} is no number of things.`);
	return value;
}
