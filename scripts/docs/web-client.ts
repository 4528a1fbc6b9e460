/** The tables of docs/web-client.md. */
import en from "../../web/i18n/en.ts";
import { keyNames, SHORTCUTS, type Shortcut } from "../../web/shortcuts/shortcuts.rules.ts";
import { FIGURES, type Figure } from "../measure-web/budget.ts";
import { markdownTable } from "./markdown.ts";

/** As the app's own page of shortcuts says it in English; without the key that opens that page. */
export function shortcutsTable(): string {
	const texts: Record<string, unknown> = en;
	const rows = SHORTCUTS.filter(({ id }) => id !== "help").map(({ id, keys }: Shortcut) => [
		keys.map(combination => `\`${keyNames(combination, false).join(" + ")}\``).join(" or "),
		String(texts[`key${id.charAt(0).toUpperCase()}${id.slice(1)}`]),
	]);
	return markdownTable(["keys", "what they do"], rows);
}

export function budgetTable(): string {
	const rows = Object.values(FIGURES).flatMap(({ what, unit, max }: Figure) =>
		max === null ? [] : [[what, `${max.toLocaleString("en")} ${unit}`.trim()]],
	);
	return markdownTable(["figure", "at most"], rows);
}
