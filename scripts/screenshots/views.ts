/** The main views of the web client, in the order in which one comes from one to the next. */
import type { Page } from "playwright-core";

export interface View {
	name: string;
	/** Goes there from the view before. */
	show(page: Page): Promise<void>;
}

const open = async (page: Page, chat: string) => {
	const back = page.locator(".parley-back");
	if (await back.isVisible()) await back.click();
	await page.locator(".parley-chat", { hasText: chat }).first().click();
	await page.locator(".parley-main .parley-row").first().waitFor();
};

/** What is open closes: a dialog, or what stands beside the conversation. */
const close = async (page: Page) => {
	await page.keyboard.press("Escape");
	await page.locator("dialog[open], .parley-side").first().waitFor({ state: "detached" });
};

export const VIEWS: readonly View[] = [
	{ name: "sign-in", show: async page => page.locator(".app-demo-person").first().waitFor() },
	{
		name: "inbox",
		async show(page) {
			await page.locator(".app-demo-person").first().click();
			await page.locator(".parley-chat").first().waitFor();
		},
	},
	{ name: "group", show: page => open(page, "Launch") },
	{
		name: "thread",
		async show(page) {
			await page.getByText("3 replies").click();
			await page.locator(".parley-side .parley-row").first().waitFor();
		},
	},
	{
		name: "members",
		async show(page) {
			await close(page);
			await page.getByRole("button", { name: "Members", exact: true }).first().click();
			await page.locator(".parley-side").getByText("Owner").first().waitFor();
		},
	},
	{
		name: "details",
		async show(page) {
			await close(page);
			await page.locator(".parley-chat-header-name").click();
			await page.locator(".app-details").waitFor();
		},
	},
	{
		name: "direct",
		async show(page) {
			await close(page);
			await open(page, "Ben Brook");
		},
	},
	{
		name: "emoji",
		async show(page) {
			await page.getByRole("button", { name: "Emoji", exact: true }).click();
			await page.getByRole("gridcell").nth(30).waitFor();
		},
	},
	{
		name: "new-chat",
		async show(page) {
			await page.keyboard.press("Escape");
			await page.getByRole("gridcell").first().waitFor({ state: "detached" });
			const back = page.locator(".parley-back");
			if (await back.isVisible()) await back.click();
			await page.getByRole("button", { name: "New chat" }).first().click();
			await page.getByRole("option").first().waitFor();
		},
	},
	{
		name: "channels",
		async show(page) {
			await close(page);
			await page.getByRole("button", { name: "Browse channels" }).first().click();
			await page.getByRole("dialog").getByRole("listitem").first().waitFor();
		},
	},
	{
		name: "switcher",
		async show(page) {
			await close(page);
			await page.getByRole("button", { name: "Go to…" }).click();
			await page.getByRole("option").first().waitFor();
		},
	},
	{
		name: "settings",
		async show(page) {
			await close(page);
			await page.getByRole("button", { name: /^Account/ }).click();
			await page.getByRole("menuitem", { name: "Settings" }).click();
			await page.getByRole("dialog").getByText("Appearance").waitFor();
		},
	},
	{
		name: "shortcuts",
		async show(page) {
			await close(page);
			await page.getByRole("button", { name: /^Account/ }).click();
			await page.getByRole("menuitem", { name: "Keyboard shortcuts" }).click();
			await page.locator("kbd").first().waitFor();
		},
	},
];
