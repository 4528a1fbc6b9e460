import type { ShownMessage } from "@parley/client";
import { daysBetween } from "../format.rules.ts";
import { isSame } from "../same.rules.ts";
import type { Position } from "../slots.ts";

/** One message with what stands above it; so that a list has as many rows as messages. */
export interface Row {
	key: string;
	message: ShownMessage;
	position: Position;
	/** A new day begins here, in ms since the epoch. */
	day: number | null;
	/** The line for unread messages goes above it, for so many. */
	unread: number | null;
	/** The chat begins here. */
	isStart: boolean;
}

/** Which messages are called new: those after `after`, up to `upTo`. */
export interface UnreadSpan {
	after: number;
	upTo: number;
}

/** Within this time, messages of one person are one group. */
const GROUP_MS = 5 * 60_000;

export function rowsOf(
	messages: readonly ShownMessage[],
	options: { hasOlder: boolean; unread: UnreadSpan | null },
): Row[] {
	const { hasOlder, unread } = options;
	const firstUnread = unread ? firstNew(messages, hasOlder, unread) : -1;
	return messages.map((message, index) => {
		const before = messages[index - 1];
		const next = messages[index + 1];
		// With older ones to come, nobody knows yet whether the first one begins a day or a group.
		const day = before ? isOtherDay(before, message) : !hasOlder;
		const line = index === firstUnread && unread ? newCount(messages, unread) : 0;
		const joinsBefore = before !== undefined && line === 0 && areOneGroup(before, message);
		const joinsNext = next !== undefined && index + 1 !== firstUnread && areOneGroup(message, next);
		return {
			key: message.key,
			message,
			position: positionOf(joinsBefore, joinsNext),
			day: day ? Date.parse(message.createdAt) : null,
			unread: line > 0 ? line : null,
			isStart: index === 0 && !hasOlder,
		};
	});
}

function positionOf(joinsBefore: boolean, joinsNext: boolean): Position {
	if (joinsBefore) return joinsNext ? "middle" : "last";
	return joinsNext ? "first" : "single";
}

function areOneGroup(one: ShownMessage, next: ShownMessage): boolean {
	return (
		one.senderId === next.senderId &&
		one.type !== "system" &&
		next.type !== "system" &&
		!isOtherDay(one, next) &&
		Date.parse(next.createdAt) - Date.parse(one.createdAt) < GROUP_MS
	);
}

function isOtherDay(one: ShownMessage, next: ShownMessage): boolean {
	return daysBetween(Date.parse(one.createdAt), Date.parse(next.createdAt)) !== 0;
}

function isAfter(message: ShownMessage, seq: number): boolean {
	return message.seq !== null && message.seq > seq && !message.isOwn;
}

function newCount(messages: readonly ShownMessage[], { after, upTo }: UnreadSpan): number {
	return messages.filter(message => isAfter(message, after) && (message.seq ?? 0) <= upTo).length;
}

/** -1 where the first new one is not loaded: a line in the middle of the new ones would say something wrong. */
function firstNew(messages: readonly ShownMessage[], hasOlder: boolean, { after }: UnreadSpan): number {
	const isCut = hasOlder && (messages[0]?.seq ?? 0) > after + 1;
	return isCut ? -1 : messages.findIndex(message => isAfter(message, after));
}

/** The new rows, but the old object wherever nothing about a row has changed: so that only changed rows are drawn. */
export function reuseRows(old: readonly Row[], rows: readonly Row[]): readonly Row[] {
	const known = new Map(old.map(row => [row.key, row]));
	return rows.map(row => {
		const before = known.get(row.key);
		return before && isSame(before, row) ? before : row;
	});
}

/** One change of the list: at its start, which keeps the place from the end; or at its end. */
export interface Step {
	rows: readonly Row[];
	atStart: boolean;
	/** Nothing of the old rows is left: another part of the chat is shown. */
	isOther: boolean;
}

/**
 * What is to be shown next on the way from `shown` to `wanted`. A list that holds its place must be told whether rows
 * came and went at its start or at its end, so that a window that moves is two steps.
 */
export function nextStep(shown: readonly Row[], wanted: readonly Row[]): Step {
	if (shown.length === 0 || wanted.length === 0) return { rows: wanted, atStart: false, isOther: true };
	if (shown[0]?.key === wanted[0]?.key) return { rows: wanted, atStart: false, isOther: false };

	const places = new Map(wanted.map((row, index) => [row.key, index]));
	const lastCommon = shown.findLastIndex(row => places.has(row.key));
	if (lastCommon < 0) return { rows: wanted, atStart: false, isOther: true };
	const end = places.get(shown[lastCommon]?.key ?? "") ?? 0;
	return {
		rows: [...wanted.slice(0, end + 1), ...shown.slice(lastCommon + 1)],
		atStart: true,
		isOther: false,
	};
}

/** Where a message stands; -1 where it is not loaded. */
export function indexOfSeq(rows: readonly Row[], seq: number): number {
	return rows.findIndex(row => row.message.seq === seq);
}
