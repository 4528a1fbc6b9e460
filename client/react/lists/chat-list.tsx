import type { InboxEntry } from "@parley/client";
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react";
import { Virtualizer, type VirtualizerHandle } from "virtua";
import { useSlot, useTexts } from "../context.tsx";
import { EmptyState } from "../empty-state.tsx";
import { useInbox } from "../hooks/use-inbox.ts";
import { ChatIcon, CloseIcon, NewChatIcon, SearchIcon } from "../icons.tsx";
import { entryName, matches } from "../names.rules.ts";
import type { ChatListProps } from "../slots.ts";
import { ChatListItem } from "./chat-list-item.tsx";

/** What a filter leaves of the loaded chats may be little: more are fetched until there are so many, or no more. */
const FILTERED_MIN = 20;
const NEAR_END_PX = 400;
const ITEM_PX = 68;

/** The user's chats, with a box to filter them by name. */
export function ChatList({ chatId, onSelect, header, onNewChat }: ChatListProps) {
	const texts = useTexts();
	const inbox = useInbox();
	const [filter, setFilter] = useState("");
	const shown = useMemo(() => {
		const isWanted = (entry: InboxEntry) => matches(entryName(entry, inbox.items, texts), filter);
		return filter.trim() === "" ? inbox.items : inbox.items.filter(isWanted);
	}, [inbox.items, filter, texts]);

	const isShort = filter.trim() !== "" && shown.length < FILTERED_MIN && inbox.hasMore;
	const loaded = inbox.items.length;
	// biome-ignore lint/correctness/useExhaustiveDependencies: each page that came is a reason to look again.
	useEffect(() => {
		if (isShort) inbox.loadMore().catch(() => undefined);
	}, [isShort, loaded, inbox.loadMore]);

	const listRef = useRef<HTMLDivElement>(null);
	const focusFirst = () => listRef.current?.querySelector<HTMLElement>(".parley-chat[tabindex='0']")?.focus();

	return (
		<nav className="parley-chats" aria-label={texts.list.title}>
			{header ?? (
				<header className="parley-topbar">
					<h2 className="parley-topbar-title">{texts.list.title}</h2>
					{onNewChat && (
						<button
							type="button"
							className="parley-icon-button"
							aria-label={texts.list.newChat}
							title={texts.list.newChat}
							onClick={onNewChat}
						>
							<NewChatIcon />
						</button>
					)}
				</header>
			)}
			<FilterBox
				value={filter}
				onChange={setFilter}
				onDown={focusFirst}
				onEnter={() => shown[0] && onSelect(shown[0].chat.id)}
			/>
			<div className="parley-chats-body" ref={listRef}>
				{!inbox.loaded ? (
					<Skeleton label={texts.list.loading} />
				) : shown.length === 0 && !isShort ? (
					<NoChats isFiltered={filter.trim() !== ""} onNewChat={onNewChat} />
				) : (
					<Entries entries={shown} chatId={chatId} onSelect={onSelect} onEnd={inbox.loadMore} />
				)}
			</div>
		</nav>
	);
}

interface FilterBoxProps {
	value: string;
	onChange: (value: string) => void;
	onDown: () => void;
	onEnter: () => void;
}

function FilterBox({ value, onChange, onDown, onEnter }: FilterBoxProps) {
	const texts = useTexts();
	return (
		<div className="parley-filter">
			<SearchIcon width={17} height={17} />
			<input
				className="parley-filter-input"
				type="text"
				inputMode="search"
				enterKeyHint="search"
				autoComplete="off"
				spellCheck={false}
				placeholder={texts.list.filter}
				aria-label={texts.list.filter}
				value={value}
				onChange={event => onChange(event.target.value)}
				onKeyDown={event => {
					if (event.key === "ArrowDown") {
						event.preventDefault();
						onDown();
					} else if (event.key === "Enter" && value.trim() !== "" && !event.nativeEvent.isComposing)
						onEnter();
					else if (event.key === "Escape" && value !== "") {
						event.stopPropagation();
						onChange("");
					}
				}}
			/>
			{value !== "" && (
				<button
					type="button"
					className="parley-filter-clear"
					aria-label={texts.list.clearFilter}
					onClick={() => onChange("")}
				>
					<CloseIcon width={15} height={15} />
				</button>
			)}
		</div>
	);
}

interface EntriesProps {
	entries: readonly InboxEntry[];
	chatId: string | null;
	onSelect: (chatId: string) => void;
	onEnd: () => Promise<void>;
}

/** One stop of Tab; arrow keys, Home and End move in it. */
function Entries({ entries, chatId, onSelect, onEnd }: EntriesProps) {
	const Item = useSlot("ChatListItem", ChatListItem);
	const scroller = useRef<HTMLDivElement>(null);
	const virtual = useRef<VirtualizerHandle>(null);
	const [roving, setRoving] = useState<string | null>(null);
	const has = (id: string | null) => id !== null && entries.some(({ chat }) => chat.id === id);
	const stop = [roving, chatId].find(has) ?? entries[0]?.chat.id;
	const stopIndex = entries.findIndex(({ chat }) => chat.id === stop);
	const pending = useRef(false);

	const checkEnd = () => {
		const box = scroller.current;
		if (!box || pending.current || box.scrollHeight - box.scrollTop - box.clientHeight > NEAR_END_PX) return;
		pending.current = true;
		onEnd()
			.catch(() => undefined)
			.finally(() => {
				pending.current = false;
			});
	};

	const goTo = (index: number) => {
		const entry = entries[Math.max(0, Math.min(entries.length - 1, index))];
		if (!entry) return;
		setRoving(entry.chat.id);
		virtual.current?.scrollToIndex(entries.indexOf(entry), { align: "nearest" });
		// The row may have to be drawn first.
		requestAnimationFrame(() =>
			scroller.current?.querySelector<HTMLElement>(`[data-chat="${CSS.escape(entry.chat.id)}"]`)?.focus(),
		);
	};

	const onKeyDown = (event: KeyboardEvent) => {
		const to = target(event, stopIndex, entries.length);
		if (to === null) return;
		event.preventDefault();
		goTo(to);
	};
	return (
		// biome-ignore lint/a11y/noStaticElementInteractions: the keys come from the buttons in it.
		<div ref={scroller} className="parley-chats-scroll" onScroll={checkEnd} onKeyDown={onKeyDown}>
			<Virtualizer
				ref={virtual}
				scrollRef={scroller}
				as="ul"
				item="li"
				itemSize={ITEM_PX}
				keepMounted={[Math.max(0, stopIndex)]}
			>
				{entries.map(entry => (
					<Item
						key={entry.chat.id}
						entry={entry}
						isActive={entry.chat.id === chatId}
						tabIndex={entry.chat.id === stop ? 0 : -1}
						onSelect={() => {
							setRoving(entry.chat.id);
							onSelect(entry.chat.id);
						}}
					/>
				))}
			</Virtualizer>
		</div>
	);
}

/** Where a key moves to in a list; null where it does not. */
function target(event: KeyboardEvent, index: number, length: number): number | null {
	if (event.ctrlKey || event.metaKey || event.altKey) return null;
	if (event.key === "ArrowDown") return index + 1;
	if (event.key === "ArrowUp") return index - 1;
	if (event.key === "Home") return 0;
	return event.key === "End" ? length - 1 : null;
}

function NoChats({ isFiltered, onNewChat }: { isFiltered: boolean; onNewChat: (() => void) | undefined }) {
	const { list } = useTexts();
	const Empty = useSlot("EmptyState", EmptyState);
	if (isFiltered) return <Empty icon={<SearchIcon />} title={list.noMatch} />;
	return (
		<Empty
			icon={<ChatIcon />}
			title={list.empty}
			text={list.emptyText}
			action={
				onNewChat && (
					<button type="button" className="parley-button" data-look="accent" onClick={onNewChat}>
						{list.newChat}
					</button>
				)
			}
		/>
	);
}

const SKELETONS = [62, 48, 71, 55, 66, 43, 58];

function Skeleton({ label }: { label: string }) {
	return (
		<div className="parley-skeletons" role="status" aria-label={label}>
			{SKELETONS.map(width => (
				<div key={width} className="parley-skeleton">
					<span className="parley-skeleton-face" />
					<span className="parley-skeleton-line" style={{ inlineSize: `${width}%` }} />
				</div>
			))}
		</div>
	);
}
