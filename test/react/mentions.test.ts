import { expect, test } from "@jest/globals";
import { complete, mentionedIn, queryAt, suggest } from "../../client/react/composer/mentions.rules.ts";

const person = (username: string, displayName: string) => ({
	id: `id-${username}`,
	username,
	displayName,
	avatarUrl: null,
});
const people = [
	person("ann", "Ann Lee"),
	person("anna.k", "Anna Kern"),
	person("ben", "Benjamin Ant"),
	person("zoe", "Zoë Ångström"),
	person("joann", "Jo"),
];

/** `|` is the caret. */
const at = (text: string) => queryAt(text.replace("|", ""), text.indexOf("|"));

test.each([
	["@|", { from: 0, text: "" }],
	["hi @an|", { from: 3, text: "an" }],
	["hi @an| there", { from: 3, text: "an" }],
	["(@an|", { from: 1, text: "an" }],
	["a\n@b.c|", { from: 2, text: "b.c" }],
	["hi @Зоя|", { from: 3, text: "Зоя" }],
])("in %j a mention is begun", (text, query) => expect(at(text)).toEqual(query));

test.each(["|", "hi|", "me@ann|", "@ann |", "@@ann|", "https://a.example/@ann|", `@${"a".repeat(33)}|`])(
	"in %j none is",
	text => expect(at(text)).toBeNull(),
);

const names = (query: string, except?: string) => suggest(people, query, except).map(user => user.username);

test("those come first whose username begins so, then names, then words of names", () => {
	expect(names("an")).toEqual(["ann", "anna.k", "ben", "zoe", "joann"]);
	expect(names("ann")).toEqual(["ann", "anna.k", "joann"]);
});

test("accents are not asked for, and oneself is not offered", () => {
	expect(names("zoe")).toEqual(["zoe"]);
	expect(names("angs")).toEqual(["zoe"]);
	expect(names("ann", "id-ann")).toEqual(["anna.k", "joann"]);
});

test("no more than eight are offered", () => {
	const crowd = Array.from({ length: 100 }, (_, n) => person(`bot${n}`, `Bot ${n}`));
	expect(suggest(crowd, "")).toHaveLength(8);
});

test("completing puts the whole name and one space, and the caret after it", () => {
	expect(complete("hi @an", { from: 3, text: "an" }, "ann")).toEqual({ text: "hi @ann ", caret: 8 });
	expect(complete("hi @an you", { from: 3, text: "an" }, "ann")).toEqual({ text: "hi @ann you", caret: 8 });
});

test("who is named in the text is mentioned, once, and nobody else", () => {
	const ids = (text: string) => mentionedIn(text, people, 50);
	expect(ids("@ann and @Ben. @ann @nobody x@zoe @anna.k.")).toEqual(["id-ann", "id-ben", "id-anna.k"]);
	expect(mentionedIn("@ann @ben", people, 1)).toEqual(["id-ann"]);
});
