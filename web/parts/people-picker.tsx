import type { UserCard } from "@parley/client";
import { useId, useRef, useState } from "react";
import { LIMITS } from "../../contracts/limits.ts";
import { useTexts } from "../i18n/i18n.ts";
import { ProblemNote } from "./form.tsx";
import { Icon } from "./icon.tsx";
import { useListKeys } from "./list-keys.ts";
import { PersonRow } from "./person.tsx";
import { usePeople } from "./use-people.ts";

interface PeoplePickerProps {
	label: string;
	/** Those who are chosen already; none where one choice is all. */
	chosen?: readonly UserCard[];
	onChange?(chosen: UserCard[]): void;
	onPick?(person: UserCard): void;
}

/** Finds people by name, and gathers them. */
export function PeoplePicker({ label, chosen = [], onChange, onPick }: PeoplePickerProps) {
	const t = useTexts();
	const id = useId();
	const input = useRef<HTMLInputElement>(null);
	const [search, setSearch] = useState("");
	const people = usePeople(search);
	const found = people.items?.filter(person => !chosen.some(({ id }) => id === person.id)) ?? [];
	const pick = (index: number) => {
		const person = found[index];
		if (!person) return;
		onPick?.(person);
		if (chosen.length < LIMITS.participantsMax) onChange?.([...chosen, person]);
		setSearch("");
		input.current?.focus();
	};
	const keys = useListKeys(found.length, pick);
	return (
		<div className="app-field app-picker">
			<label htmlFor={id}>{label}</label>
			{chosen.length > 0 && (
				<ul className="app-chips" aria-label={t.chosen(chosen.length)}>
					{chosen.map(person => (
						<li key={person.id}>
							<span dir="auto">{person.displayName}</span>
							<button
								type="button"
								aria-label={t.removePerson(person.displayName)}
								onClick={() => onChange?.(chosen.filter(({ id }) => id !== person.id))}
							>
								<Icon name="close" size={14} />
							</button>
						</li>
					))}
				</ul>
			)}
			<input
				ref={input}
				id={id}
				className="app-input"
				value={search}
				maxLength={LIMITS.searchMax}
				placeholder={t.findSomebodyHint}
				onChange={event => {
					setSearch(event.target.value);
					keys.setActive(0);
				}}
				{...keys.field}
				onKeyDown={event => {
					// The first Esc ends the search, the next one closes what it is in.
					if (event.key === "Escape" && search !== "" && !event.nativeEvent.isComposing) {
						event.preventDefault();
						setSearch("");
					} else keys.field.onKeyDown(event);
				}}
			/>
			<ProblemNote problem={people.problem} />
			<ul className="app-list app-picker-list" aria-label={t.people} {...keys.list}>
				{found.map((person, index) => (
					<li key={person.id} className="app-option" {...keys.option(index)}>
						<PersonRow person={person} />
					</li>
				))}
			</ul>
			{people.items &&
				found.length === 0 &&
				!people.busy &&
				(chosen.length === 0 || search.trim() !== "") && (
					<p className="app-empty-line" role="status">
						{t.nothingFound}
					</p>
				)}
			{people.hasMore && (
				<button type="button" className="app-link" onClick={people.more}>
					{t.more}
				</button>
			)}
		</div>
	);
}
