/** Forms of a text by `Intl.PluralRules`; `#` is the number, written as the language does. */
export interface Forms {
	zero?: string;
	one?: string;
	two?: string;
	few?: string;
	many?: string;
	other: string;
}

/** Chooses among the forms of one language. */
export function plurals(language: string): (n: number, forms: Forms) => string {
	const rules = new Intl.PluralRules(language);
	const numbers = new Intl.NumberFormat(language);
	return (n, forms) => (forms[rules.select(n)] ?? forms.other).replace("#", numbers.format(n));
}

/** Names in a row, as the language writes them. */
export function lists(language: string): (names: readonly string[]) => string {
	const format = new Intl.ListFormat(language, { type: "conjunction" });
	return names => format.format(names);
}
