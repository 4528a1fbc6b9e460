/**
 * `npm run measure:web`: what the web client costs whoever opens it, in a Chromium, against a server of its own with the
 * demo and a chat of 100,000 messages. Ends with 1 where that is beyond the budget; writes load/results/web.json.
 */
import "./node/harden.ts";
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import type { Browser } from "playwright-core";
import { table } from "../load/print/table.ts";
import { launchChromium } from "../test/support/page.ts";
import { beyond, FIGURES, type Figure, type Figures, inKb, inMb } from "./measure-web/budget.ts";
import { middle, newVisitor, openOften, signIn, untilKept } from "./measure-web/opening.ts";
import { type Scrolled, scrollThrough } from "./measure-web/scroll.ts";
import { type Server, startServer } from "./measure-web/server.ts";

const { values: options } = parseArgs({
	options: {
		messages: { type: "string", default: "100000" },
		runs: { type: "string", default: "5" },
	},
});
const messages = Number(options.messages);
const runs = Number(options.runs);

const server = await startServer(messages);
try {
	const browser = await launchChromium();
	try {
		report(await measure(browser, server));
	} finally {
		await browser.close();
	}
} finally {
	await server.stop();
}

async function measure(browser: Browser, server: Server): Promise<{ figures: Figures; scrolled: Scrolled }> {
	const first = await newVisitor(browser, { worker: false });
	const signInPage = await signIn(first, server);
	const cold = await openOften(first, server, { cache: false, runs, label: "opening, nothing cached" });
	const later = await newVisitor(browser, { worker: true });
	await signIn(later, server);
	await untilKept(later, server);
	const kept = await openOften(later, server, { cache: true, runs, label: "opening, later visits" });
	await later.close();
	const scrolled = await scrollThrough(first, server, messages);
	const [opened, ...onTheWay] = scrolled.weights;
	const most = (of: "heap" | "nodes") => Math.max(...onTheWay.map(weight => weight[of]));
	const figures = {
		signInScript: inKb(signInPage.sent),
		signInParsed: inKb(signInPage.unpacked),
		messengerScript: inKb(middle(cold, ({ scripts }) => scripts.sent)),
		messengerParsed: inKb(middle(cold, ({ scripts }) => scripts.unpacked)),
		firstPaint: middle(cold, ({ firstPaint }) => firstPaint),
		interactive: middle(cold, ({ interactive }) => interactive),
		firstPaintKept: middle(kept, ({ firstPaint }) => firstPaint),
		interactiveKept: middle(kept, ({ interactive }) => interactive),
		longestOpening: middle(cold, ({ longestTask }) => longestTask),
		heapOpened: inMb(opened?.heap ?? Number.NaN),
		heapGrowth: inMb(most("heap") - (opened?.heap ?? Number.NaN)),
		nodesMost: most("nodes"),
		longestScrolling: scrolled.longestTask,
		unseen: scrolled.unseen,
		scrolling: scrolled.seconds,
	};
	return { figures, scrolled };
}

function report({ figures, scrolled }: { figures: Figures; scrolled: Scrolled }): void {
	const over = beyond(figures);
	const shown = (value: number, unit: string) =>
		`${unit === "MB" ? value.toFixed(1) : Math.round(value).toLocaleString("en")} ${unit}`.trim();
	const lines = Object.entries<Figure>(FIGURES).map(([name, { what, unit, max }]) => [
		what,
		shown(figures[name as keyof Figures], unit),
		max === null ? "–" : shown(max, unit),
	]);
	const heap = scrolled.weights.map(weight => [
		weight.seen.toLocaleString("en"),
		shown(inMb(weight.heap), "MB"),
		weight.nodes.toLocaleString("en"),
	]);
	console.log(`\n${table(["figure", "measured", "budget"], lines)}\n`);
	console.log(`${table(["messages seen", "heap", "DOM nodes"], heap)}\n`);
	console.log(`Times are medians of ${runs} visits, the longest task while scrolling is one of one visit.`);
	const at = new Date().toISOString();
	const machine = `${cpus().length} × ${cpus()[0]?.model}`;
	mkdirSync("load/results", { recursive: true });
	const result = { at, machine, messages, runs, figures, weights: scrolled.weights, over };
	writeFileSync("load/results/web.json", `${JSON.stringify(result, null, "\t")}\n`);
	if (over.length === 0) return;
	console.error(`Beyond the budget: ${over.map(name => FIGURES[name].what).join("; ")}.`);
	process.exitCode = 1;
}
