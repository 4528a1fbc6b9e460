/** `npm run build [client|react|web]`: the two packages and the web client; what is unchanged is left alone. */
import { styleText } from "node:util";
import { buildAndStamp, isFresh } from "./build/fresh.ts";
import { TARGETS } from "./build/targets.ts";

const wanted = process.argv.slice(2);
// The kit's types are checked against the client's, as they were built.
if (wanted.includes("react")) wanted.push("client");
const unknown = wanted.find(name => !TARGETS.some(target => target.name === name));
if (unknown !== undefined) {
	console.error(`There is nothing named ${unknown} to build: ${TARGETS.map(({ name }) => name).join(", ")}.`);
	process.exit(1);
}

for (const target of TARGETS) {
	if (wanted.length > 0 && !wanted.includes(target.name)) continue;
	process.stdout.write(`${target.name.padEnd(7)} `);
	if (isFresh(target)) {
		console.log("unchanged");
		continue;
	}
	const startedAt = Date.now();
	try {
		await buildAndStamp(target);
	} catch (err) {
		console.log(styleText("red", "failed"));
		console.error(`\n${(err as Error).message}`);
		process.exit(1);
	}
	console.log(`built in ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
}
