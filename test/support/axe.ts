/** What axe has to say against a page, by all of its rules. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults, ElementContext, RunOptions } from "axe-core";
import type { Page } from "playwright-core";

const SOURCE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

declare const axe: { run(context: ElementContext, options: RunOptions): Promise<AxeResults> };

export interface AxeScope {
	/** Only what is within; the whole page where it is missing. */
	include?: string;
	exclude?: string;
	rulesOff?: string[];
}

/**
 * Rules with the elements that break them. axe runs in the page itself and only its answer comes out of it: its packages
 * for browsers open a page more for each scan, which costs several times the scan.
 */
export async function violations(page: Page, scope: AxeScope = {}): Promise<string[]> {
	if (page.frames().length > 1) throw new Error("axe looks into no frames here.");
	if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(SOURCE);
	// What fades in has its colours only then.
	await page.waitForFunction(() => document.getAnimations().every(one => one.playState !== "running"));
	return page.evaluate(async ({ include = ":root", exclude, rulesOff = [] }) => {
		const within = { include: [include], ...(exclude && { exclude: [exclude] }) };
		const rules = Object.fromEntries(rulesOff.map(id => [id, { enabled: false }]));
		const { violations } = await axe.run(within, { rules, resultTypes: ["violations"] });
		return violations.map(
			({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join("\n")}`,
		);
	}, scope);
}
