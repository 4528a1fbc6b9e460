import { randomBytes, randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { User } from "../../contracts/users.ts";
import { goHome, ok, type Person, people, person } from "../support/people.ts";
import { acked, quietly, verdict, wrongFields } from "../support/verdict.ts";

let ann: Person;
let ben: Person;
let carol: Person;

beforeAll(async () => {
	[ann, ben, carol] = await people("ann", "ben", "carol");
	await ann.group(ben);
});

afterAll(goHome);

test("only oneself sees one's e-mail", async () => {
	expect((await ann.rest.get("/users/me")).body.email).toBe(`${ann.username}@example.com`);
	const seen = ok<User>(await ben.rest.get(`/users/${ann.id}`));
	expect(seen).toEqual({
		id: ann.id,
		username: ann.username,
		displayName: "ann",
		avatarUrl: null,
		metadata: {},
		createdAt: expect.any(String),
	});
	const { items } = ok<{ items: User[] }>(await ben.rest.get(`/users?search=${ann.username}`));
	expect(items).toEqual([seen]);
});

test("there is no user where there is none", async () => {
	expect(verdict(await ann.rest.get(`/users/${randomUUID()}`))).toBe("404 NOT_FOUND");
	expect(verdict(await ann.rest.get("/users/not-an-id"))).toBe("422 VALIDATION_ERROR");
});

test("one changes one's profile; what is not named stays, and metadata is replaced", async () => {
	const dora = await person("dora");
	const patch = async (body: unknown) => ok<User>(await dora.rest.patch("/users/me", body));
	await patch({ metadata: { city: "Rome" }, avatarUrl: "https://example.com/d.png" });
	expect(await patch({ displayName: "Dora D." })).toMatchObject({
		displayName: "Dora D.",
		avatarUrl: "https://example.com/d.png",
		metadata: { city: "Rome" },
		email: `${dora.username}@example.com`,
	});
	expect(await patch({ metadata: { job: "cook" }, avatarUrl: null })).toMatchObject({
		displayName: "Dora D.",
		avatarUrl: null,
		metadata: { job: "cook" },
	});
	expect(ok<User>(await ann.rest.get(`/users/${dora.id}`)).metadata).toEqual({ job: "cook" });
});

test.each([
	["an e-mail", { email: "other@example.com" }, "email"],
	["a username", { username: "other" }, "username"],
	["an id", { id: randomUUID() }, "id"],
	["a time of creation", { createdAt: "2020-01-01T00:00:00Z" }, "createdAt"],
	["a blank name", { displayName: " " }, "displayName"],
	["an avatar that is a script", { avatarUrl: "javascript:alert(1)" }, "avatarUrl"],
	["metadata that is a list", { metadata: [] }, "metadata"],
])("T9: a profile does not take %s", async (_, body, field) => {
	const before = (await ann.rest.get("/users/me")).body;
	const answer = await ann.rest.patch("/users/me", body);
	expect(verdict(answer)).toBe("422 VALIDATION_ERROR");
	expect(wrongFields(answer)).toEqual([field]);
	expect((await ann.rest.get("/users/me")).body).toEqual(before);
});

test("a search finds the beginning of a username or of a word in a display name, in any case", async () => {
	const mark = randomBytes(4).toString("hex");
	const eve = await person(`eve${mark}`);
	ok(await eve.rest.patch("/users/me", { displayName: `Eva Müller${mark}` }));
	const found = async (search: string) =>
		ok<{ items: User[] }>(await ann.rest.get(`/users?search=${encodeURIComponent(search)}`)).items.map(
			({ id }) => id,
		);
	for (const search of [`eve${mark}`, `EVE${mark}`, `müller${mark}`, `Müller${mark.slice(0, 7)}`])
		expect(await found(search)).toEqual([eve.id]);
	expect(await found(`ve${mark}`)).toEqual([]);
	expect(await found("%")).toEqual([]);
	expect(await found("_")).toEqual([]);
});

test("a search is paged, over REST and over a socket", async () => {
	const mark = `pg${randomBytes(4).toString("hex")}`;
	const five = await people(`${mark}a`, `${mark}b`, `${mark}c`, `${mark}d`, `${mark}e`);
	const names = five.map(({ username }) => username).sort();
	const seen: string[] = [];
	let cursor: string | null = null;
	do {
		const query: string = cursor ? `&cursor=${encodeURIComponent(cursor)}` : "";
		const page = ok<{ items: User[]; nextCursor: string | null }>(
			await ann.rest.get(`/users?search=${mark}&limit=2${query}`),
		);
		expect(page.items.length).toBeLessThanOrEqual(2);
		seen.push(...page.items.map(({ username }) => username));
		cursor = page.nextCursor;
	} while (cursor);
	expect(seen).toEqual(names);
	const { users } = await acked(await ann.sender(), "users:list", { search: mark });
	expect(users.map(({ username }: User) => username)).toEqual(names);
	expect(verdict(await ann.rest.get(`/users?search=${mark}&cursor=nonsense`))).toBe("422 VALIDATION_ERROR");
});

test("a changed profile is told to those who share a chat and to one's own devices, and to nobody else", async () => {
	const [own, sharing, stranger] = await Promise.all([ann.receiver(), ben.receiver(), carol.receiver()]);
	ok(await ann.rest.patch("/users/me", { displayName: "Ann the Third" }));
	for (const socket of [own, sharing]) {
		expect(await socket.waitFor("user:updated")).toMatchObject({ id: ann.id, displayName: "Ann the Third" });
	}
	expect(sharing.of("user:updated")[0]).not.toHaveProperty("email");
	ok(await ann.rest.patch("/users/me", { displayName: "Ann the Third" }));
	await quietly();
	expect(sharing.of("user:updated")).toHaveLength(1);
	expect(stranger.of("user:updated")).toEqual([]);
});
