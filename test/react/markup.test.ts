import { expect, test } from "@jest/globals";
import { type Inline, parse, safeHref } from "../../client/react/message/markup.rules.ts";

const words = (content: string, names: Record<string, string> = {}): Inline[] => {
	const [block] = parse(content, new Map(Object.entries(names)));
	if (block?.kind !== "words") throw new Error(`No words in ${content}`);
	return block.children;
};
const text = (value: string): Inline => ({ kind: "text", text: value });

/** Every piece of text in the order it is shown. */
const shown = (nodes: readonly Inline[]): string =>
	nodes.map(node => ("children" in node ? shown(node.children) : node.text)).join("");

/** From OWASP's lists: what has run somewhere when it was shown. */
const PAYLOADS = [
	"<script>alert(1)</script>",
	"<img src=x onerror=alert(1)>",
	"<svg/onload=alert(1)>",
	`"><script>alert(1)</script>`,
	"javascript:alert(1)",
	"JaVaScRiPt:alert(1)",
	"java\tscript:alert(1)",
	"data:text/html,<script>alert(1)</script>",
	"vbscript:msgbox(1)",
	"[click](javascript:alert(1))",
	"![x](javascript:alert(1))",
	"<a href='javascript:alert(1)'>x</a>",
	'<https://a.example/"onmouseover=alert(1)>',
	'https://a.example/"onmouseover="alert(1)',
	"https://a.example/'onmouseover='alert(1)",
	"**<b onclick=alert(1)>**",
	"`<img src=x onerror=alert(1)>`",
	"```\n</code><script>alert(1)</script>\n```",
	"http://javascript:alert(1)@evil.example",
	"mailto:javascript:alert(1)",
	"{{constructor.constructor('alert(1)')()}}",
	"&lt;script&gt;alert(1)&lt;/script&gt;",
	"\u202egnp.exe",
];

test.each(PAYLOADS)("T6: %j gives text and links that may be followed, nothing else", payload => {
	const links: string[] = [];
	const walk = (nodes: readonly Inline[]) => {
		for (const node of nodes) {
			expect(["text", "code", "strong", "em", "link", "mention"]).toContain(node.kind);
			if (node.kind === "link") links.push(node.href);
			if ("children" in node) walk(node.children);
		}
	};
	for (const block of parse(payload)) if (block.kind === "words") walk(block.children);
	for (const href of links) {
		expect(href).toMatch(/^(?:https?:\/\/|mailto:)/);
		expect(href).not.toMatch(/["'<>\s]/);
	}
});

test.each([
	"javascript:alert(1)",
	"data:text/html,x",
	"file:///etc/passwd",
	"//a.example",
	"https://a@b.example",
])("T6: %s is no address to follow", address => expect(safeHref(address)).toBeNull());

test("bold, italic and code are seen, and may stand in each other", () => {
	expect(words("a **b *c* d** `e*f*`")).toEqual([
		text("a "),
		{ kind: "strong", children: [text("b "), { kind: "em", children: [text("c")] }, text(" d")] },
		text(" "),
		{ kind: "code", text: "e*f*" },
	]);
	expect(words("***both***")).toEqual([
		{ kind: "strong", children: [{ kind: "em", children: [text("both")] }] },
	]);
});

test.each([
	"2 * 3 * 4",
	"a*b*c",
	"**open",
	"*over\nlines*",
	"``",
	"`open",
	"* point",
	"****",
	"snake_case_name",
])("%j stays as it was written", content => expect(words(content)).toEqual([text(content)]));

test("what is opened and not closed does not eat what was closed within", () => {
	expect(words("**a *b* c")).toEqual([text("**a "), { kind: "em", children: [text("b")] }, text(" c")]);
});

test("fenced lines are a block, and a fence without an end is text", () => {
	expect(parse("see\n```ts\nconst a = *1*;\n\n```\nso")).toEqual([
		{ kind: "words", children: [text("see")] },
		{ kind: "code", text: "const a = *1*;\n" },
		{ kind: "words", children: [text("so")] },
	]);
	expect(words("```\nopen")).toEqual([text("```\nopen")]);
});

test("links end where the sentence goes on", () => {
	const hrefs = (content: string) =>
		words(content).flatMap(node => (node.kind === "link" ? [node.text] : []));
	expect(hrefs("See https://a.example/b?c=d#e. Or (http://f.example/g_(h)), or mailto:x@y.example!")).toEqual(
		["https://a.example/b?c=d#e", "http://f.example/g_(h)", "mailto:x@y.example"],
	);
	expect(hrefs("xhttps://a.example https:// mailto:")).toEqual([]);
	expect(hrefs("**https://a.example/**")).toEqual([]);
	expect(words("**https://a.example/**")).toMatchObject([{ kind: "strong", children: [{ kind: "link" }] }]);
});

test("only those who are mentioned are highlighted, whatever the case and the full stop after them", () => {
	expect(words("Hi @Ann. and @ben, me@ann.example @annika", { ann: "1" })).toEqual([
		text("Hi "),
		{ kind: "mention", userId: "1", text: "@Ann" },
		text(". and @ben, me@ann.example @annika"),
	]);
	expect(words("@x.", { "x.": "2" })).toEqual([{ kind: "mention", userId: "2", text: "@x." }]);
});

test("nothing that is written is lost, but for the signs that were understood", () => {
	const content = "a **b** *c* `d` https://e.example @f ***\n* g **h *i";
	expect(shown(words(content))).toBe("a b c d https://e.example @f ***\n* g **h *i");
});

test.each([
	"*",
	"**a ",
	"`",
	"``` ",
	"https://",
	"ahttps://a",
	"http://[",
	"@a",
	"@",
	"(",
	"```\n",
	"```a\n",
])("a message full of %j is read in time that grows with its length", piece => {
	const timeOf = (units: number) => {
		const content = piece.repeat(Math.ceil(units / piece.length)).slice(0, units);
		const startedAt = performance.now();
		parse(content);
		return performance.now() - startedAt;
	};
	// A bound that no linear reader comes near on any machine, and a cubic one cannot keep.
	expect(timeOf(16_384)).toBeLessThan(10_000);
});
