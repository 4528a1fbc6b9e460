import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { isStorable } from "../../contracts/fields.ts";
import {
	avatarOf,
	cleanLine,
	displayNameOf,
	searchPatterns,
	usernameCandidates,
	withEdit,
} from "../../services/users/users.rules.ts";

const SUFFIXES = ["ab12", "ab12cd34"];

test.each([
	["Zoë van Dam", "1", "zoe.van.dam"],
	["ANN", "1", "ann"],
	["李雷", "auth0|5f7c8ec7", "auth0.5f7c8ec7"],
	[undefined, "ann@example.com", "ann.example.com"],
	["..", "-_-", "user"],
	["Ångström–Øre & Søn", "1", "angstrom.re.s.n"],
	["a".repeat(100), "1", "a".repeat(32)],
	[`${"a".repeat(31)} b`, "1", "a".repeat(31)],
])("a user called %s with the subject %s is first tried as %s", (name, subject, expected) => {
	expect(usernameCandidates(name, subject, SUFFIXES)[0]).toBe(expected);
});

test("whatever a host application calls its users, the usernames are valid and differ", () => {
	const text = fc.string({ unit: "binary", maxLength: 60 });
	fc.assert(
		fc.property(fc.option(text, { nil: undefined }), text, (name, subject) => {
			const candidates = usernameCandidates(name, subject, SUFFIXES);
			for (const candidate of candidates) expect(candidate).toMatch(/^[a-z0-9_.-]{3,32}$/);
			expect(new Set(candidates).size).toBe(3);
			const shown = displayNameOf(name, candidates[0] as string);
			expect(isStorable(shown) && shown.length >= 1 && shown.length <= 80 && shown.trim() === shown).toBe(
				true,
			);
		}),
	);
});

test("a name is one line, cut where no character breaks", () => {
	expect(cleanLine(" Ann\0\r\n\tSmith ", 80)).toBe("Ann Smith");
	expect(cleanLine(`${"x".repeat(79)}😀`, 80)).toBe("x".repeat(79));
	expect(cleanLine("half \ud800 one", 80)).toBe("half \ufffd one");
});

test("a picture is an http address, or none", () => {
	expect(avatarOf("https://cdn.example/a.png")).toBe("https://cdn.example/a.png");
	for (const picture of [
		undefined,
		"",
		"javascript:alert(1)",
		"data:image/png;base64,AA",
		"https://a b",
		`https://${"x".repeat(2_048)}`,
	])
		expect(avatarOf(picture)).toBeNull();
});

test.each([
	["ann", ["ann%", "% ann%"]],
	["  ann  smi ", ["% ann smi%"]],
	["100%", ["100\\%%", "% 100\\%%"]],
	["a_b\\", ["a\\_b\\\\%", "% a\\_b\\\\%"]],
	["   ", []],
])("a search for %j is for %j", (search, patterns) => {
	expect(searchPatterns(search)).toEqual(patterns);
});

test("an edit of nothing, or to the same, changes nothing", () => {
	const before = { displayName: "Ann", avatarUrl: null, metadata: { a: 1, b: { c: [1] } } };
	for (const same of [
		{},
		{ displayName: "Ann" },
		{ displayName: null, metadata: null },
		{ avatarUrl: null },
		{ metadata: { b: { c: [1] }, a: 1 } },
	])
		expect(withEdit(before, same)).toBeNull();
	expect(withEdit(before, { metadata: {} })).toEqual({ ...before, metadata: {} });
	expect(withEdit({ ...before, avatarUrl: "https://x.example" }, { avatarUrl: null })).toEqual(before);
});
