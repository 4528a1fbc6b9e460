/** Which messages a page has shown as the one that was looked for: for two seconds, maybe between two looks. */
import type { Page } from "playwright-core";
import { eventually } from "./stage.ts";

type Noting = Window & { highlighted: string[] };

/** Runs in the page. */
function note(): void {
	const highlighted = new Set<string>();
	const look = () => {
		for (const shown of document.querySelectorAll("[data-seq] [data-highlighted]"))
			highlighted.add(shown.closest("[data-seq]")?.getAttribute("data-seq") ?? "");
		Object.assign(window, { highlighted: [...highlighted] });
	};
	const what = { subtree: true, childList: true, attributes: true, attributeFilter: ["data-highlighted"] };
	new MutationObserver(look).observe(document, what);
	look();
}

/**
 * Notes them from now on, also on the page that comes next.
 * @returns waits for the message of a place, and answers with the places of all that were shown so
 */
export async function watchHighlights(page: Page): Promise<(seq: number) => Promise<string[]>> {
	await page.addInitScript(note);
	await page.evaluate(note);
	return seq =>
		eventually(
			() => page.evaluate(() => (window as unknown as Noting).highlighted),
			places => places.includes(String(seq)),
			30_000,
		);
}
