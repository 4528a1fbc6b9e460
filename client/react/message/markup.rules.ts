/** What a message's words mean: a small part of Markdown, links and mentions, as a tree. Never HTML. */

export type Inline =
	| { kind: "text"; text: string }
	| { kind: "code"; text: string }
	| { kind: "strong"; children: Inline[] }
	| { kind: "em"; children: Inline[] }
	| { kind: "link"; href: string; text: string }
	| { kind: "mention"; userId: string; text: string };

export type Block = { kind: "words"; children: Inline[] } | { kind: "code"; text: string };

/** Usernames in lower case → user ids: only these are mentions. */
export type Mentionable = ReadonlyMap<string, string>;

const FENCE = /^```[\w+#-]{0,20}\s*$/;
const SPECIAL = /[*`@\n]|https?:\/\/|mailto:/gi;
const ADDRESS = /[^\s<>"'`]{1,2049}/y;
const ADDRESS_MAX = 2_048;
const CLOSING = /^```\s*$/;
const USERNAME = /[a-z0-9_.-]+/iy;
const WORD = /[\p{L}\p{N}_]/u;
const LINKED = new Set(["http:", "https:", "mailto:"]);

/** Reads in time linear in the length of `content`, whatever it holds. */
export function parse(content: string, mentionable: Mentionable = new Map()): Block[] {
	const blocks: Block[] = [];
	const lines = content.split("\n");
	const lastClosing = lines.findLastIndex(line => CLOSING.test(line));
	let words: string[] = [];
	const flush = () => {
		const text = words.join("\n");
		if (text !== "") blocks.push({ kind: "words", children: parseInline(text, mentionable) });
		words = [];
	};
	for (let at = 0; at < lines.length; at++) {
		const line = lines[at] ?? "";
		if (!FENCE.test(line) || at >= lastClosing) {
			words.push(line);
			continue;
		}
		const from = at + 1;
		let end = from;
		while (!CLOSING.test(lines[end] ?? "```")) end++;
		flush();
		blocks.push({ kind: "code", text: lines.slice(from, end).join("\n") });
		at = end;
	}
	flush();
	return blocks;
}

interface Frame {
	/** What opened it; empty for the outermost. */
	mark: "" | "*" | "**";
	children: Inline[];
}

/** At most one `*` and one `**` are open at a time, and a line's end closes both as plain text. */
export function parseInline(text: string, mentionable: Mentionable): Inline[] {
	const frames: Frame[] = [{ mark: "", children: [] }];
	/** Runs of backticks of these lengths have no partner before this index. */
	const ticksUntil = [0, 0, 0, 0];
	let at = 0;
	SPECIAL.lastIndex = 0;
	for (;;) {
		SPECIAL.lastIndex = at;
		const found = SPECIAL.exec(text);
		if (!found) break;
		if (found.index > at) addText(frames, text.slice(at, found.index));
		at = found.index;
		const sign = found[0];
		if (sign === "\n") {
			while (frames.length > 1) giveUp(frames);
			addText(frames, sign);
			at += 1;
		} else if (sign === "*") at = star(frames, text, at);
		else if (sign === "`") at = tick(frames, text, at, ticksUntil);
		else if (sign === "@") at = mention(frames, text, at, mentionable);
		else at = link(frames, text, at, sign.length);
	}
	if (at < text.length) addText(frames, text.slice(at));
	while (frames.length > 1) giveUp(frames);
	return top(frames).children;
}

function star(frames: Frame[], text: string, at: number): number {
	let length = 1;
	while (text[at + length] === "*") length++;
	const before = text[at - 1] ?? " ";
	const after = text[at + length] ?? " ";
	const end = at + length;
	if (length > 3) {
		addText(frames, text.slice(at, end));
		return end;
	}
	const marks: ("*" | "**")[] = length === 3 ? ["**", "*"] : [length === 2 ? "**" : "*"];
	const isOpen = (mark: string) => frames.some(frame => frame.mark === mark);
	if (!/\s/.test(before) && !WORD.test(after) && marks.every(isOpen)) {
		if (length === 3) {
			close(frames, top(frames).mark as "*" | "**");
			close(frames, top(frames).mark as "*" | "**");
		} else close(frames, marks[0] ?? "*");
	} else if (!/\s/.test(after) && !WORD.test(before) && !marks.some(isOpen)) {
		for (const mark of marks) frames.push({ mark, children: [] });
	} else addText(frames, text.slice(at, end));
	return end;
}

function close(frames: Frame[], mark: "*" | "**") {
	while (top(frames).mark !== mark) giveUp(frames);
	const { children } = top(frames);
	frames.pop();
	top(frames).children.push({ kind: mark === "*" ? "em" : "strong", children });
}

/** What was opened and not closed was meant as it stands. */
function giveUp(frames: Frame[]) {
	const frame = top(frames);
	frames.pop();
	addText(frames, frame.mark);
	for (const child of frame.children) {
		if (child.kind === "text") addText(frames, child.text);
		else top(frames).children.push(child);
	}
}

function tick(frames: Frame[], text: string, at: number, ticksUntil: number[]): number {
	let length = 1;
	while (text[at + length] === "`") length++;
	const from = at + length;
	const known = ticksUntil[length];
	if (known === undefined || from < known) {
		addText(frames, text.slice(at, from));
		return from;
	}
	const end = text.indexOf("`".repeat(length), from);
	if (end < 0 || text.slice(from, end).includes("\n")) {
		ticksUntil[length] = end < 0 ? text.length + 1 : end;
		addText(frames, text.slice(at, from));
		return from;
	}
	top(frames).children.push({ kind: "code", text: text.slice(from, end) });
	return end + length;
}

function mention(frames: Frame[], text: string, at: number, mentionable: Mentionable): number {
	USERNAME.lastIndex = at + 1;
	let name = WORD.test(text[at - 1] ?? " ") ? "" : (USERNAME.exec(text)?.[0] ?? "").slice(0, 33);
	// A full stop after a name is the sentence's, unless the name has it.
	while (name !== "" && !mentionable.has(name.toLowerCase())) {
		name = /[._-]$/.test(name) ? name.slice(0, -1) : "";
	}
	const userId = mentionable.get(name.toLowerCase());
	const end = at + 1 + name.length;
	if (userId === undefined) addText(frames, text.slice(at, end));
	else top(frames).children.push({ kind: "mention", userId, text: text.slice(at, end) });
	return end;
}

function link(frames: Frame[], text: string, at: number, prefix: number): number {
	ADDRESS.lastIndex = at;
	const isInWord = WORD.test(text[at - 1] ?? " ");
	const address = isInWord ? "" : trimmed(ADDRESS.exec(text)?.[0] ?? "");
	const href = address.length > prefix ? safeHref(address) : null;
	if (href === null) {
		addText(frames, text.slice(at, at + prefix));
		return at + prefix;
	}
	top(frames).children.push({ kind: "link", href, text: address });
	return at + address.length;
}

/** An address without what ends the sentence around it. */
function trimmed(address: string): string {
	let text = address;
	let open = count(text, "(") - count(text, ")");
	for (;;) {
		const last = text.at(-1) ?? "";
		if (last === ")" && open < 0) open++;
		else if (!/[.,:;!?*\]}]/.test(last) || last === "") return text;
		text = text.slice(0, -1);
	}
}

const count = (text: string, sign: string) => text.split(sign).length - 1;

/** The address where it may be followed, else null. A name before the host is there to deceive. */
export function safeHref(address: string): string | null {
	if (address.length > ADDRESS_MAX || !URL.canParse(address)) return null;
	const { protocol, username, password, href } = new URL(address);
	return LINKED.has(protocol) && username === "" && password === "" ? href : null;
}

function top(frames: Frame[]): Frame {
	const frame = frames.at(-1);
	if (!frame) throw new Error("The outermost frame is never closed.");
	return frame;
}

function addText(frames: Frame[], text: string) {
	const { children } = top(frames);
	const last = children.at(-1);
	if (text === "") return;
	if (last?.kind === "text") children[children.length - 1] = { kind: "text", text: last.text + text };
	else children.push({ kind: "text", text });
}

/** The words alone, without what marks them. */
export function plainText(content: string): string {
	const text = (nodes: readonly Inline[]): string =>
		nodes.map(node => ("children" in node ? text(node.children) : node.text)).join("");
	return parse(content)
		.map(block => (block.kind === "code" ? block.text : text(block.children)))
		.join("\n");
}
