import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { buildWeb } from "../../scripts/node/web.ts";
import { type HttpProxy, httpProxy } from "../support/http-proxy.ts";
import { type ParleyNode, startForm, startNode } from "../support/nodes.ts";
import { goHome, type Person, person } from "../support/people.ts";
import { type ServerProcess, startPostgres, startRedis } from "../support/servers.ts";
import { eventually } from "../support/stage.ts";
import { field, message, openChat, textsOf, Web } from "../support/web.ts";

let postgres: ServerProcess;
let redis: ServerProcess;
let web: Web;

beforeAll(async () => {
	[postgres, redis, web] = await Promise.all([
		startPostgres(),
		startRedis(),
		Web.open(),
		buildWeb(() => undefined),
	]);
}, 180_000);

afterAll(async () => {
	goHome();
	await web.close();
	await Promise.all([postgres?.stop(), redis?.stop()]);
	expect(web.complaints).toEqual([]);
});

/** From now on, everything that the page says of its connection. */
async function listen(page: Page): Promise<() => Promise<string[]>> {
	await page.evaluate(() => {
		const said: string[] = [];
		Object.assign(window, { said });
		const look = () => {
			const banner = document.querySelector(".parley-banner, .app-welcome, .parley-failure");
			const text = banner?.textContent ?? "";
			if (text && said.at(-1) !== text) said.push(text);
		};
		new MutationObserver(look).observe(document.body, {
			subtree: true,
			childList: true,
			characterData: true,
		});
	});
	return () => page.evaluate(() => (window as unknown as { said: string[] }).said);
}

async function write(page: Page, text: string): Promise<void> {
	await field(page).fill(text);
	await field(page).press("Enter");
	await message(page, text).waitFor();
}

const sentBy = async (who: Person, chatId: string): Promise<string[]> =>
	(await who.rest.get(`/chats/${chatId}/messages?limit=200`)).body.items.map(
		({ content }: { content: string }) => content,
	);

test("a token that runs out is not noticed", async () => {
	const TTL_S = 6;
	const form = await startForm("embedded", { CHAT_ACCESS_TOKEN_TTL: String(TTL_S) });
	try {
		const ann = await person("ann", form.urls);
		const chat = await ann.group();
		const { page } = await web.seat(ann, { url: form.urls[0] as string });
		await openChat(page, chat.id);
		const said = await listen(page);
		const texts = [];
		for (const endsAt = Date.now() + 3 * TTL_S * 1_000; Date.now() < endsAt; ) {
			texts.push(`at ${texts.length}.`);
			await write(page, texts.at(-1) as string);
			await page.waitForTimeout(1_000);
		}
		const again = await ann.signIn();
		expect(
			await eventually(
				() => sentBy(again, chat.id),
				all => all.length === texts.length,
				20_000,
			),
		).toEqual(texts);
		expect(await said()).toEqual([]);
		// Also over REST, with a token that a long pause has made useless.
		await page.getByRole("button", { name: "Browse channels" }).first().click();
		await page
			.getByRole("dialog")
			.getByText(/There are no channels yet/)
			.waitFor();
	} finally {
		await form.stop();
	}
}, 120_000);

test("a node that is stopped is not noticed", async () => {
	const env = {
		CHAT_DATABASE_URL: postgres.url,
		CHAT_REDIS_URL: redis.url,
		CHAT_JWT_SECRET: "only for this test, and long enough",
	};
	const nodes: ParleyNode[] = [await startNode(env), await startNode(env)];
	let front: HttpProxy | undefined;
	try {
		front = await httpProxy(() => firstReady(nodes));
		const all = nodes.map(({ url }) => url);
		const [ann, ben] = [await person("ann", all), await person("ben", all)];
		const chat = await ann.group(ben);
		// High enough for the whole talk: the list draws only what is near the window.
		const height = 2_400;
		const left = await web.seat(ann, { url: front.url, height });
		const right = await web.seat(ben, { url: (nodes[1] as ParleyNode).url, height });
		await Promise.all([openChat(left.page, chat.id), openChat(right.page, chat.id)]);
		const said = await listen(left.page);
		const texts: string[] = [];
		const talk = async (times: number) => {
			for (let i = 0; i < times; i++) {
				const [page, who] = i % 2 === 0 ? [left.page, "ann"] : [right.page, "ben"];
				texts.push(`${who} ${texts.length}.`);
				await write(page, texts.at(-1) as string);
			}
		};
		await talk(6);
		// Ann is at the first node, as all are who come through the front.
		const stopping = (nodes[0] as ParleyNode).stop();
		await talk(10);
		expect(await stopping).toBe(0);
		await talk(4);
		const held = await eventually(
			() => sentBy(ben, chat.id).catch(() => []),
			found => found.length === texts.length,
			30_000,
		);
		expect([...held].sort()).toEqual([...texts].sort());
		for (const { page } of [left, right]) {
			const shown = await eventually(
				() => textsOf(page),
				lines => lines.length === texts.length,
				20_000,
			);
			expect(shown.map(line => line.match(/(ann|ben) \d+\./)?.[0])).toEqual(held);
		}
		expect(await said()).toEqual([]);
	} finally {
		await front?.close();
		await Promise.all(nodes.map(node => (node.child.exitCode === null ? node.stop() : null)));
	}
}, 180_000);

/** As a load balancer does: to the first node that says it is ready. */
async function firstReady(nodes: readonly ParleyNode[]): Promise<string | null> {
	for (const { url } of nodes) {
		const answer = await fetch(`${url}/health/readiness`).catch(() => null);
		if (answer?.ok) return url;
	}
	return null;
}
