/** `npm run dev`: a node that starts anew whenever a file that it has loaded changes. */
import { spawn } from "node:child_process";
import { join } from "node:path";

const start = join(import.meta.dirname, "start.ts");
const child = spawn(
	process.execPath,
	["--watch", "--watch-preserve-output", start, ...process.argv.slice(2)],
	{
		stdio: "inherit",
	},
);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => child.kill(signal));
child.on("exit", code => process.exit(code ?? 0));
