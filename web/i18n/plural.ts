/** Forms of a text by `Intl.PluralRules`; `#` is the number, written as the language does. */
export type Forms = { [Form in Intl.LDMLPluralRule]?: string } & { other: string };

/** Chooses among the forms of one language. */
export function plurals(language: string): (n: number, forms: Forms) => string {
	const rules = new Intl.PluralRules(language);
	const numbers = new Intl.NumberFormat(language);
	return (n, forms) => (forms[rules.select(n)] ?? forms.other).replace("#", numbers.format(n));
}
