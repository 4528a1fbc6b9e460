import { Tooltip } from "@base-ui/react/tooltip";
import type { Message } from "@parley/client";
import { useParley } from "../context.tsx";
import { useConversation } from "../conversation-context.tsx";
import { useFormat } from "../hooks/use-format.ts";
import { useMe, useUsers } from "../hooks/use-user.ts";
import type { MessagePartProps } from "../slots.ts";
import { may } from "./rights.ts";
import { useStanding } from "./use-standing.ts";

/** Names that are told of each reaction; the rest are counted. */
const NAMES_MAX = 5;

/** Who reacted, by emoji; a press adds one's own or takes it back. */
export function Reactions({ message, isEntered }: MessagePartProps) {
	const { texts } = useParley();
	const standing = useStanding();
	const mayReact =
		standing !== null && message.seq !== null && may("react", standing, new Date().toISOString());
	if (message.reactions.length === 0) return null;
	return (
		<Tooltip.Provider delay={400}>
			<fieldset className="parley-reactions" aria-label={texts.reactions.label}>
				{message.reactions.map(reaction => (
					<Chip
						key={reaction.emoji}
						messageId={message.id}
						reaction={reaction}
						mayReact={mayReact}
						tabIndex={isEntered ? 0 : -1}
					/>
				))}
			</fieldset>
		</Tooltip.Provider>
	);
}

interface ChipProps {
	messageId: string;
	reaction: Message["reactions"][number];
	mayReact: boolean;
	tabIndex: 0 | -1;
}

function Chip({ messageId, reaction, mayReact, tabIndex }: ChipProps) {
	const { texts, portal } = useParley();
	const { handle } = useConversation();
	const format = useFormat();
	const me = useMe();
	const isOwn = me !== null && reaction.userIds.includes(me.id);
	const known = useUsers(reaction.userIds.slice(0, NAMES_MAX));
	const names = known.map(({ id, displayName }) => (id === me?.id ? texts.message.you : displayName));
	const label = texts.reactions.by(reaction.emoji, names, reaction.count - names.length);
	const toggle = () => {
		if (isOwn) handle.unreact(messageId, reaction.emoji);
		else handle.react(messageId, reaction.emoji);
	};
	return (
		<Tooltip.Root>
			<Tooltip.Trigger
				className="parley-reaction"
				aria-pressed={isOwn}
				aria-disabled={!mayReact || undefined}
				tabIndex={tabIndex}
				onClick={mayReact ? toggle : undefined}
			>
				<span className="parley-reaction-emoji" aria-hidden="true">
					{reaction.emoji}
				</span>
				<span className="parley-reaction-count" aria-hidden="true">
					{format.badge(reaction.count)}
				</span>
				<span className="parley-hidden">{label}</span>
			</Tooltip.Trigger>
			<Tooltip.Portal container={portal}>
				<Tooltip.Positioner sideOffset={6}>
					<Tooltip.Popup className="parley-tooltip">{label}</Tooltip.Popup>
				</Tooltip.Positioner>
			</Tooltip.Portal>
		</Tooltip.Root>
	);
}
