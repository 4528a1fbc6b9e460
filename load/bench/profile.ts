/** `npm run bench:profile -- <file.cpuprofile>`: where a process spent its time, by function and by package. */
import { readFileSync } from "node:fs";
import { table } from "./report.ts";

interface Node {
	id: number;
	callFrame: { functionName: string; url: string; lineNumber: number };
}

const TOP = 45;
const [file = ""] = process.argv.slice(2);
const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(file, "utf8")) as {
	nodes: Node[];
	samples: number[];
	timeDeltas: number[];
};
const micros = new Map<number, number>();
samples.forEach((id, i) => {
	micros.set(id, (micros.get(id) ?? 0) + (timeDeltas[i] ?? 0));
});

const byFunction = sumBy(({ callFrame: { functionName, url, lineNumber } }) => {
	return `${functionName || "(anonymous)"} ${short(url)}${url ? `:${lineNumber + 1}` : ""}`;
});
const byPackage = sumBy(({ callFrame: { functionName, url } }) => packageOf(url) || functionName);
const idle = byFunction.get("(idle) ") ?? 0;
const busy = [...byFunction.values()].reduce((sum, time) => sum + time, 0) - idle;
print("package", byPackage, 20);
print("function", byFunction, TOP);

function sumBy(nameOf: (node: Node) => string): Map<string, number> {
	const sums = new Map<string, number>();
	for (const node of nodes) {
		const name = nameOf(node);
		sums.set(name, (sums.get(name) ?? 0) + (micros.get(node.id) ?? 0));
	}
	return sums;
}

function print(what: string, sums: Map<string, number>, top: number): void {
	const rows = [...sums]
		.filter(([name]) => !name.startsWith("(idle)"))
		.sort(([, a], [, b]) => b - a)
		.slice(0, top)
		.map(([name, time]) => [
			`${((time * 100) / busy).toFixed(1)} %`,
			`${(time / 1_000).toFixed(0)} ms`,
			name,
		]);
	console.log(`${table(["share", "self", what], rows)}\n`);
}

function short(url: string): string {
	return url
		.replace(/^file:\/\//, "")
		.replace(`${process.cwd()}/`, "")
		.replace(/^node_modules\//, "");
}

function packageOf(url: string): string {
	const name = short(url);
	if (name.startsWith("node:")) return name;
	const [, scoped] = name.match(/^((?:@[^/]+\/)?[^/]+)/) ?? [];
	return /^(?:services|lib|models|contracts|mixins|schemas)\//.test(name)
		? name.split("/").slice(0, 2).join("/")
		: (scoped ?? "");
}
