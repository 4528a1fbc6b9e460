import path from "node:path";

/** Who may import whom: a layer imports itself and those before it. */
const LAYERS = ["contracts", "lib", "models", "mixins", "services"];

/** What runs at users' ends → which other folders it may import by path. The rest it knows by a package's name. */
const ENDS: Record<string, string[]> = { client: ["contracts"], "client/react": [], web: ["contracts"] };
/** Modules of the contract that hold values worth their bytes in an app; of all others only types are imported. */
const VALUES = ["contracts/limits.ts", "contracts/errors.ts"];
/** Which packages of ours an end imports. */
const PACKAGES: Record<string, RegExp> = {
	client: /^(?!@parley\/)/,
	"client/react": /^(?!@parley\/)|^@parley\/client$/,
	web: /^/,
};

/** The typed doors to the broker are in lib/; past them, a name or a payload that does not exist goes unnoticed. */
const DOORS_ONLY = ["services", "mixins"];
const RAW_BROKER =
	/\b(?:ctx|context|broker)\s*\.\s*(?:call|mcall|emit|emitLocal|broadcast|broadcastLocal)\s*[(<]/g;

const IMPORT = /\bfrom\s*["']([^"']+)["']|\bimport\s*\(?\s*["']([^"']+)["']/g;
const COMMENT = /\/\*[\s\S]*?\*\/|(?<![:"'`\w])\/\/.*$/gm;

/** What a file of the server does that the architecture forbids, as `file:line message`. */
export function findViolations(file: string, source: string): string[] {
	const layer = layerOf(file);
	const end = endOf(file);
	if (!layer && !end) return [];
	const text = source.replace(COMMENT, comment => comment.replace(/[^\n]/g, " "));
	const found: string[] = [];
	const report = (index: number, message: string) =>
		found.push(`${file}:${text.slice(0, index).split("\n").length} ${message}`);

	for (const match of text.matchAll(IMPORT)) {
		const imported = match[1] ?? match[2] ?? "";
		const to = imported.startsWith(".") ? path.join(path.dirname(file), imported) : null;
		const message = end
			? forbidsEnd(end, to, imported, isOfTypes(text.slice(0, match.index)))
			: to && forbids(file, to);
		if (message) report(match.index, message);
	}
	if (layer && DOORS_ONLY.includes(layer)) {
		for (const match of text.matchAll(RAW_BROKER)) {
			report(match.index, `raw ${match[0].slice(0, -1)}: use the typed doors of lib/moleculer.ts`);
		}
	}
	return found;
}

function forbids(from: string, to: string): string | undefined {
	const [own, other] = [layerOf(from), layerOf(to)];
	if (!own) return undefined;
	if (!other) return /^(?:package\.json|node_modules)\b/.test(to) ? undefined : `${own} may not import ${to}`;
	if (LAYERS.indexOf(other) > LAYERS.indexOf(own)) return `${own} may not import ${other} (${to})`;
	if (own === "services" && other === "services" && serviceOf(from) !== serviceOf(to)) {
		return `a service may not import another service (${to})`;
	}
	return undefined;
}

function forbidsEnd(end: string, to: string | null, name: string, ofTypes: boolean): string | undefined {
	if (to === null) return PACKAGES[end]?.test(name) ? undefined : `${end} may not import ${name}`;
	if (endOf(to) === end) return undefined;
	const folder = layerOf(to);
	if (!folder || !ENDS[end]?.includes(folder)) return `${end} may not import ${to}`;
	if (ofTypes || VALUES.includes(to)) return undefined;
	return `${end} may import only types of ${to}`;
}

/** Whether the statement that ends here, before `from`, began with `import type`. */
function isOfTypes(before: string): boolean {
	return /\b(?:import|export)\s+type\b[^;"']*$/.test(before);
}

function endOf(file: string): string | undefined {
	const [first = "", second = ""] = file.split(path.sep);
	return [`${first}/${second}`, first].find(folder => folder in ENDS);
}

function layerOf(file: string): string | undefined {
	const folder = file.split(path.sep)[0] ?? "";
	return LAYERS.includes(folder) ? folder : undefined;
}

function serviceOf(file: string): string | undefined {
	return file.split(path.sep)[1];
}
