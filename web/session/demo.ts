/** The demo people of development; in production the server knows of none, and nothing is shown. */
import { useEffect, useState } from "react";

export interface DemoPerson {
	/** Null until the server has made them. */
	id: string | null;
	username: string;
	displayName: string;
	password: string;
}

let asked: Promise<readonly DemoPerson[]> | null = null;

async function ask(): Promise<readonly DemoPerson[]> {
	try {
		const answer = await fetch("/dev/people.json");
		return answer.ok ? peopleOf(await answer.json()) : [];
	} catch {
		asked = null;
		return [];
	}
}

/** `{ password, people: [{ id, username, displayName }] }`: one password for all. */
function peopleOf(answer: { password?: unknown; people?: unknown }): DemoPerson[] {
	const { password, people } = answer;
	if (typeof password !== "string" || !Array.isArray(people)) return [];
	return people.map(({ id, username, displayName }) => ({
		id: typeof id === "string" ? id : null,
		username: String(username),
		displayName: String(displayName),
		password,
	}));
}

export function useDemoPeople(): readonly DemoPerson[] {
	const [people, setPeople] = useState<readonly DemoPerson[]>([]);
	useEffect(() => {
		asked ??= ask();
		void asked.then(setPeople);
	}, []);
	return people;
}
