import type { Variable } from "./env.ts";
import { VARIABLES } from "./variables.ts";

const COLUMNS = 100;

/** `.env.example`: every variable with its default, commented out, so that copying it changes nothing. */
export function envExample() {
	const head = [
		"Copy to .env and uncomment what you need. Read in development only; the environment wins over it.",
		"Made from lib/variables.ts by scripts/env-example.ts.",
	];
	const entries = documented().map(
		([name, { doc, fallback }]) => `${comment(doc)}\n#${name}=${fallback ?? ""}\n`,
	);
	return [`${head.map(comment).join("\n")}\n`, ...entries].join("\n");
}

/** The rows of the configuration page. */
export function variablesTable() {
	const rows = documented().map(([name, { doc, fallback }]) => {
		const shown = fallback === null ? "–" : `\`${fallback}\``;
		return `| \`${name}\` | ${shown} | ${doc.replaceAll("|", "\\|")} |`;
	});
	return ["| variable | default | meaning |", "|---|---|---|", ...rows].join("\n");
}

function documented(): [string, Variable<unknown>][] {
	return Object.entries(VARIABLES);
}

function comment(text: string) {
	const lines: string[] = [];
	for (const word of text.split(" ")) {
		const last = lines.at(-1);
		if (last === undefined || last.length + word.length + 3 > COLUMNS) lines.push(word);
		else lines[lines.length - 1] = `${last} ${word}`;
	}
	return lines.map(line => `# ${line}`).join("\n");
}
