import type { UserCard } from "@parley/client";
import { Fragment, memo, type ReactNode, useMemo } from "react";
import { emojiOnly } from "./emoji.rules.ts";
import { type Inline, type Mentionable, parse } from "./markup.rules.ts";

export interface WordsProps {
	content: string;
	/** Those of the message's mentions who are known. */
	mentioned?: readonly UserCard[];
	/** The viewer: being meant oneself stands out. */
	meId?: string | null;
	/** 0 while the message is entered. */
	tabIndex?: 0 | -1;
}

/** A message's words as React nodes; nothing of it is ever read as HTML. */
export const Words = memo(function Words({ content, mentioned = [], meId, tabIndex = -1 }: WordsProps) {
	const blocks = useMemo(() => parse(content, byUsername(mentioned)), [content, mentioned]);
	const large = emojiOnly(content);
	if (large > 0) {
		return (
			<p className="parley-words" data-emoji={large}>
				{content.trim()}
			</p>
		);
	}
	const inline = (nodes: readonly Inline[]): ReactNode =>
		nodes.map((node, index) => (
			// The tree is made anew with each content, so a place in it is an identity.
			// biome-ignore lint/suspicious/noArrayIndexKey: see above.
			<Fragment key={index}>{shown(node, inline, meId, tabIndex)}</Fragment>
		));
	return blocks.map((block, index) =>
		block.kind === "code" ? (
			// biome-ignore lint/suspicious/noArrayIndexKey: see above.
			<pre className="parley-code-block" dir="ltr" key={index}>
				<code>{block.text}</code>
			</pre>
		) : (
			// biome-ignore lint/suspicious/noArrayIndexKey: see above.
			<p className="parley-words" key={index}>
				{inline(block.children)}
			</p>
		),
	);
});

function shown(
	node: Inline,
	inline: (nodes: readonly Inline[]) => ReactNode,
	meId: string | null | undefined,
	tabIndex: 0 | -1,
): ReactNode {
	switch (node.kind) {
		case "text":
			return node.text;
		case "code":
			return <code className="parley-code">{node.text}</code>;
		case "strong":
			return <strong>{inline(node.children)}</strong>;
		case "em":
			return <em>{inline(node.children)}</em>;
		case "mention":
			return (
				<span className="parley-mention" data-me={node.userId === meId || undefined}>
					{node.text}
				</span>
			);
		case "link":
			return (
				<a href={node.href} target="_blank" rel="noopener noreferrer" tabIndex={tabIndex} dir="ltr">
					{node.text}
				</a>
			);
	}
}

function byUsername(users: readonly UserCard[]): Mentionable {
	return new Map(users.map(user => [user.username.toLowerCase(), user.id]));
}
