/** `npm run migrate`: brings the tables up to date and ends. A start does the same; this is for deployments that want it apart. */
import "./node/harden.ts";
import { explain } from "./node/failure.ts";

try {
	await import("../lib/config.ts");
	const { bringUpToDate, startDatabase } = await import("./node/database.ts");
	const database = await startDatabase(text => console.log(text));
	try {
		const applied = await bringUpToDate();
		console.log(applied.length > 0 ? `Applied: ${applied.join(", ")}.` : "Nothing to apply.");
	} finally {
		await database.stop();
	}
} catch (err) {
	console.error(explain(err));
	process.exitCode = 1;
}
