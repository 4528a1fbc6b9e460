import { explain } from "./failure.ts";

/** Runs a node until a signal ends the process. Everything that reads the configuration is imported here, where its mistakes are told plainly. */
export async function startAndStay(options: { build: boolean; repl: boolean }) {
	const { lifecycle, config } = await configured();
	const { say, superviseProcess, isStopping, stop } = lifecycle;
	try {
		superviseProcess();
		for (const warning of config.warnings) say(`Warning: ${warning}`);
		// In a process of its own, while the database starts.
		const building =
			options.build && config.web ? import("./web.ts").then(({ buildWeb }) => buildWeb(say)) : null;
		const { startNode } = await import("./node.ts");
		const { broker, address, parts } = await startNode(say);
		await building;
		say(greeting(parts, address, config.web));
		if (config.demo && address)
			void import("../demo/start.ts").then(({ startDemo }) => startDemo(broker, address, say));
		if (options.repl) (await import("./prompt.ts")).prompt(broker);
	} catch (err) {
		// A signal during the start takes away what the start still needs.
		if (isStopping()) return;
		console.error(explain(err));
		await stop(1);
	}
}

async function configured() {
	try {
		const { config } = await import("../../lib/config.ts");
		return { config, lifecycle: await import("./lifecycle.ts") };
	} catch (err) {
		console.error(explain(err));
		process.exit(1);
	}
}

function greeting(parts: [string, string][], address: string | null, withWeb: boolean) {
	const seconds = process.uptime().toFixed(1);
	const lines = [`Parley is ready after ${seconds} s${address ? ` at ${address}` : ""}`];
	lines.push(...parts.map(([name, form]) => `  ${name.padEnd(9)} ${form}`));
	if (address) {
		if (withWeb) lines.push(`  Open      ${address}`);
		lines.push(`  API docs  ${address}/docs`);
		lines.push(`  Try       curl ${address}/health`);
	}
	return lines.join("\n");
}
