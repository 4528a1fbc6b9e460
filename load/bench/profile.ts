/**
 * `npm run bench:profile -- <file.cpuprofile> [--last <seconds>]`: where a process spent its time. What Node and the
 * system do is put down to the package that asked for it; then our own functions with all that they call, and the
 * single functions by themselves.
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { table } from "../print/table.ts";

interface Node {
	id: number;
	callFrame: { functionName: string; url: string; lineNumber: number };
	children?: number[];
}

const TOP = 40;
const { positionals, values } = parseArgs({
	allowPositionals: true,
	options: {
		/** Only the end of it: the work, without the start before it. */
		last: { type: "string", default: "Infinity" },
	},
});
const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(positionals[0] ?? "", "utf8")) as {
	nodes: Node[];
	samples: number[];
	timeDeltas: number[];
};

const micros = new Map<number, number>();
let left = Number(values.last) * 1e6;
for (let i = samples.length - 1; i >= 0 && left > 0; i--) {
	const id = samples[i] as number;
	const took = timeDeltas[i] ?? 0;
	micros.set(id, (micros.get(id) ?? 0) + took);
	left -= took;
}
const byId = new Map(nodes.map(node => [node.id, node]));
const parents = new Map(nodes.flatMap(node => (node.children ?? []).map(child => [child, node.id] as const)));

const packages = new Map<string, number>();
const own = new Map<string, number>();
const functions = new Map<string, number>();
let idle = 0;
let all = 0;
for (const [id, time] of micros) {
	const stack = stackOf(id);
	const [leaf] = stack;
	if (!leaf) continue;
	all += time;
	if (leaf.callFrame.functionName === "(idle)") {
		idle += time;
		continue;
	}
	add(packages, stack.map(packageOf).find(name => name !== null) ?? `Node: ${nameOf(leaf)}`, time);
	for (const name of new Set(stack.filter(isOwn).map(nameOf))) add(own, name, time);
	add(functions, nameOf(leaf), time);
}
const busy = all - idle;
console.log(`${(busy / 1e6).toFixed(1)} s busy of ${(all / 1e6).toFixed(1)} s\n`);
print("package, with what Node does for it", packages, 30);
print("own function, with all that it calls", own, TOP);
print("function by itself", functions, TOP);

/** From the function that ran to the one that began it. */
function stackOf(id: number): Node[] {
	const stack: Node[] = [];
	for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
		const node = byId.get(at);
		if (node) stack.push(node);
	}
	return stack;
}

function add(sums: Map<string, number>, name: string, time: number): void {
	sums.set(name, (sums.get(name) ?? 0) + time);
}

function print(what: string, sums: Map<string, number>, top: number): void {
	const rows = [...sums]
		.sort(([, a], [, b]) => b - a)
		.slice(0, top)
		.map(([name, time]) => [
			`${((time * 100) / busy).toFixed(1)} %`,
			`${(time / 1_000).toFixed(0)} ms`,
			name,
		]);
	console.log(`${table(["share", "time", what], rows)}\n`);
}

function nameOf({ callFrame: { functionName, url, lineNumber } }: Node): string {
	return `${functionName || "(anonymous)"} ${short(url)}${url ? `:${lineNumber + 1}` : ""}`;
}

function isOwn(node: Node): boolean {
	return packageOf(node)?.includes("/") === true && !short(node.callFrame.url).startsWith("@");
}

function short(url: string): string {
	return url
		.replace(/^file:\/\//, "")
		.replace(`${process.cwd()}/`, "")
		.replace(/^node_modules\//, "");
}

/** Null for what is Node's own. */
function packageOf({ callFrame: { url } }: Node): string | null {
	const name = short(url);
	if (name === "" || name.startsWith("node:")) return null;
	const [first, scoped] = name.match(/^((?:@[^/]+\/)?[^/]+)/) ?? [];
	return /^(?:services|lib|models|contracts|mixins|schemas)\//.test(name)
		? name.split("/").slice(0, 2).join("/")
		: (scoped ?? first ?? null);
}
