import type { Chat, Member } from "@parley/client";
import { memo } from "react";
import { useSlot, useTexts } from "../context.tsx";
import { useFormat } from "../hooks/use-format.ts";
import { useUser } from "../hooks/use-user.ts";
import { Message } from "../message/message.tsx";
import { bodyOf } from "../names.rules.ts";
import { DaySeparator, HistoryStart, UnreadLine } from "./lines.tsx";
import type { Row } from "./rows.rules.ts";

export interface MessageRowProps {
	row: Row;
	chat: Chat;
	self: Member | null;
	isStop: boolean;
	isEntered: boolean;
	isHighlighted: boolean;
}

/** A message, with the lines above it: what the arrow keys move between. */
export const MessageRow = memo(function MessageRow(props: MessageRowProps) {
	const { row, chat, self, isStop, isEntered, isHighlighted } = props;
	const { message } = row;
	const texts = useTexts();
	const { clock } = useFormat();
	const Part = useSlot("Message", Message);
	const Day = useSlot("DaySeparator", DaySeparator);
	const Unread = useSlot("UnreadLine", UnreadLine);
	const Start = useSlot("HistoryStart", HistoryStart);
	const sender = useUser(message.isOwn ? null : message.senderId);
	const name = message.isOwn ? texts.message.you : (sender?.displayName ?? texts.list.deletedUser);
	return (
		<div className="parley-row-place">
			{row.isStart && <Start chat={chat} />}
			{row.day !== null && <Day date={new Date(row.day)} />}
			{row.unread !== null && <Unread count={row.unread} />}
			<article
				className="parley-row"
				data-row={message.key}
				data-seq={message.seq ?? undefined}
				data-position={row.position}
				tabIndex={isStop ? 0 : -1}
				aria-label={`${texts.messages.from(name, bodyOf(message, texts))}, ${clock(message.createdAt)}`}
			>
				<Part
					message={message}
					chat={chat}
					self={self}
					position={row.position}
					isEntered={isEntered}
					isHighlighted={isHighlighted}
				/>
			</article>
		</div>
	);
});
