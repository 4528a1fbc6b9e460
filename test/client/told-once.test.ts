import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { until } from "../support/clients.ts";
import { Device } from "../support/devices.ts";
import { type Person, people, urls } from "../support/people.ts";

let ann: Person;
let ben: Person;
let device: Device;

beforeEach(async () => {
	[ann, ben] = await people("ann", "ben");
	device = await Device.on(urls()[0] as string, ann);
	await device.client.ready();
	await until(device.client.inbox, ({ loaded }) => loaded);
});

afterEach(() => device.end());

test("all messages of a chat that was made meanwhile are told, once", async () => {
	const told: (string | null)[] = [];
	device.client.on("received", ({ message }) => told.push(message.content));
	device.line.block(true);
	device.line.cut();
	await until(device.client.connection, ({ status }) => status !== "online");
	const { id } = await ben.group(ann);
	for (const content of ["one", "two", "three"]) await ben.say(id, content);
	device.line.block(false);
	await until(device.client.inbox, ({ totalUnread }) => totalUnread === 3);
	for (let tries = 0; told.length < 3 && tries < 200; tries++)
		await new Promise(done => setTimeout(done, 50));
	expect(told).toEqual(["one", "two", "three"]);
});

test("an event that comes twice, as while a server hands over, is told once", async () => {
	const { id } = await ben.group(ann);
	await until(device.client.inbox, ({ items }) => items.length === 1);
	const told: unknown[] = [];
	device.client.on("message", ({ content }) => told.push(content));
	device.client.on("chat:updated", ({ name }) => told.push(name));
	device.line.fate = () => [0, 0];
	await ben.say(id, "hello");
	await ben.rest.patch(`/chats/${id}`, { name: "renamed" });
	await ben.say(id, "the end");
	await until(device.client.inbox, ({ totalUnread }) => totalUnread === 2);
	await until(device.client.inbox, ({ items }) => items[0]?.lastMessage?.content === "the end");
	await new Promise(done => setTimeout(done, 300));
	expect(told).toEqual(["hello", "renamed", "the end"]);
});

test("what was lost before a send of this device is told, though sending reads the chat up to it", async () => {
	const { id } = await ben.group(ann);
	await until(device.client.inbox, ({ items }) => items.length === 1);
	const told: (string | null)[] = [];
	device.client.on("received", ({ message }) => told.push(message.content));
	device.line.fate = () => [];
	await ben.say(id, "lost");
	await new Promise(done => setTimeout(done, 300));
	device.line.fate = () => [0];
	device.client.chat(id).send({ content: "mine" });
	await until(device.client.inbox, ({ items }) => items[0]?.lastMessage?.content === "mine");
	await ben.say(id, "heard");
	await until(device.client.inbox, ({ items }) => items[0]?.lastMessage?.content === "heard");
	for (let tries = 0; told.length < 2 && tries < 100; tries++)
		await new Promise(done => setTimeout(done, 50));
	expect(told.toSorted()).toEqual(["heard", "lost"]);
});
