/** The web client in a real Chromium, as people see it: each in a browser of their own. */
import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from "playwright-core";
import { launchChromium } from "./page.ts";
import { type Person, urls } from "./people.ts";

export interface Seat {
	person: Person;
	context: BrowserContext;
	page: Page;
	/** Where this browser asks. */
	url: string;
}

export interface SeatOptions extends BrowserContextOptions {
	/** The node; the first one where it is missing. */
	url?: string;
	width?: number;
	height?: number;
}

/** What a browser says when a network is taken from it, or an answer is an error: no fault of a page. */
const EXPECTED =
	/ERR_INTERNET_DISCONNECTED|ERR_NETWORK_CHANGED|ERR_CONNECTION|ERR_ABORTED|WebSocket|the server responded with a status of 4/;

export class Web {
	/** What pages complained of, and requests that went elsewhere. */
	readonly complaints: string[] = [];
	readonly requests: string[] = [];
	readonly #browser: Browser;
	readonly #origins = new Set(urls());

	private constructor(browser: Browser) {
		this.#browser = browser;
	}

	/** @param args of the browser's own, beside those that all tests have */
	static async open(...args: string[]): Promise<Web> {
		return new Web(await launchChromium(...args));
	}

	/** A browser of its own, at the page for signing in. */
	async visitor(options: SeatOptions = {}): Promise<Omit<Seat, "person">> {
		const { url = urls()[0] as string, width = 1280, height = 800, ...more } = options;
		this.#origins.add(url);
		const context = await this.#browser.newContext({
			viewport: { width, height },
			locale: "en-US",
			reducedMotion: "reduce",
			...more,
		});
		context.on("request", request => this.#saw(request.url()));
		context.on("page", page => this.#watch(page));
		const page = await context.newPage();
		await page.goto(url);
		return { context, page, url };
	}

	/** A browser of its own, in which somebody has signed in. */
	async seat(person: Person, options: SeatOptions = {}): Promise<Seat> {
		const visitor = await this.visitor(options);
		await signIn(visitor.page, person);
		return { person, ...visitor };
	}

	/** Another tab of the same browser. */
	async tab(seat: Seat, path = "/"): Promise<Page> {
		const page = await seat.context.newPage();
		await page.goto(`${seat.url}${path}`);
		await page.locator(".parley-messenger").waitFor();
		return page;
	}

	async close(): Promise<void> {
		await this.#browser.close();
	}

	#watch(page: Page): void {
		page.on("pageerror", error => this.complaints.push(error.stack ?? error.message));
		page.on("dialog", dialog => {
			this.complaints.push(`a dialog: ${dialog.message()}`);
			void dialog.dismiss();
		});
		page.on("console", message => {
			if (message.type() === "error" && !EXPECTED.test(message.text())) this.complaints.push(message.text());
		});
		page.on("websocket", socket => this.#saw(socket.url().replace(/^ws/, "http")));
	}

	#saw(url: string): void {
		this.requests.push(url);
		const { protocol, origin } = new URL(url);
		if (protocol !== "data:" && protocol !== "blob:" && !this.#origins.has(origin))
			this.complaints.push(`A request left the origin: ${url}`);
	}
}

export async function signIn(page: Page, { username, password }: Pick<Person, "username" | "password">) {
	await page.getByLabel("Username or e-mail").fill(username);
	await page.getByLabel("Password", { exact: true }).fill(password);
	await page.getByRole("button", { name: "Sign in", exact: true }).click();
	await page.locator(".parley-messenger").waitFor();
}

export const chatRow = (page: Page, chatId: string): Locator => page.locator(`[data-chat="${chatId}"]`);

/** Opens a chat from the list. */
export async function openChat(page: Page, chatId: string): Promise<void> {
	await chatRow(page, chatId).click();
	await field(page).waitFor();
}

export const detailsButton = (page: Page): Locator =>
	page.locator(".parley-icon-button[data-kind='details']");

/** Where one writes, beside the threads. */
export const field = (page: Page): Locator => page.locator(".parley-main .parley-composer-text");

export async function say(page: Page, text: string): Promise<void> {
	await field(page).fill(text);
	await field(page).press("Enter");
	await message(page, text).waitFor();
}

/** The newest message of the conversation that has this text. */
export const message = (page: Page, text: string): Locator =>
	page.locator(".parley-main .parley-row").filter({ hasText: text }).last();

/** Does something with a message by its menu. */
export async function act(page: Page, text: string, action: string): Promise<void> {
	await message(page, text).hover();
	await message(page, text).getByRole("button", { name: "More actions" }).click();
	await page.getByRole("menuitem", { name: action, exact: true }).click();
}

/** The texts of a conversation, as they are read. */
export async function textsOf(page: Page): Promise<string[]> {
	return page.locator(".parley-main .parley-row .parley-bubble-text").allInnerTexts();
}
