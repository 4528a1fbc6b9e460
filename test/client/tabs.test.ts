import { expect, test } from "@jest/globals";
import { OwnTabs } from "../../client/tabs.ts";
import { newBrowser } from "../support/clients.ts";

const turn = () => new Promise(done => setTimeout(done));

function tab(platform = newBrowser()(), name = "a user's"): { tabs: OwnTabs; heard: unknown[] } {
	const tabs = new OwnTabs(platform);
	const heard: unknown[] = [];
	tabs.on(message => heard.push(message));
	if (name) tabs.open(name);
	return { tabs, heard };
}

test("tabs of one user hear each other, and not themselves", async () => {
	const browser = newBrowser();
	const [one, two, other] = [tab(browser()), tab(browser()), tab(browser(), "another user's")];
	one.tabs.post({ what: "draft", chatId: "c" });
	await turn();
	expect([one.heard, two.heard, other.heard]).toEqual([[], [{ what: "draft", chatId: "c" }], []]);
	two.tabs.close();
	one.tabs.post({ what: "draft", chatId: "d" });
	await turn();
	expect(two.heard).toHaveLength(1);
});

test("before it is known whose they are, tabs say nothing and wait with their work", async () => {
	const browser = newBrowser();
	const [late, two] = [tab(browser(), ""), tab(browser())];
	const done: string[] = [];
	const work = late.tabs.lock("outbox", async () => done.push("late"));
	late.tabs.post({ what: "draft", chatId: "c" });
	await turn();
	expect([done, two.heard]).toEqual([[], []]);
	late.tabs.open("a user's");
	await work;
	expect(done).toEqual(["late"]);
});

test.each([
	["in two tabs", newBrowser()],
	["in one place without locks", () => ({})],
])("work under one name is done one after the other, %s", async (where, platform) => {
	const one = tab(platform()).tabs;
	const two = where === "in two tabs" ? tab(platform()).tabs : one;
	const log: string[] = [];
	const work = (name: string) => async () => {
		log.push(`${name} begins`);
		await turn();
		log.push(`${name} ends`);
		if (name === "first") throw new Error("It failed.");
	};
	const first = one.lock("outbox", work("first"));
	const second = two.lock("outbox", work("second"));
	await expect(first).rejects.toThrow("It failed.");
	await second;
	expect(log).toEqual(["first begins", "first ends", "second begins", "second ends"]);
});
